"""What `tuner worker` is asked for, in a process of its own."""

import math
import traceback

from tuner.api.progress import listening
from tuner.errors import as_tuner_error
from tuner.study.trial_queue import Counts
from tuner.workers import runtime
from tuner.workers.channel import Channel, Failed, Orders
from tuner.workers.listener import Listener
from tuner.workers.messages import Again, Asked, Served
from tuner.workers.service import Service
from tuner.workers.serving import serve


def work(asked: Asked, channel: Channel) -> None:
    """Run the trials that wait, and tell whoever leads of each that begins, gets on and ends."""
    runtime.quiet(verbose=asked.verbose)
    try:
        _work(asked, channel)
    except Exception as error:  # noqa: BLE001 (the process that leads raises it)
        if asked.verbose:
            traceback.print_exc()
        channel.send(Failed(as_tuner_error(error)))


def _work(asked: Asked, channel: Channel) -> None:
    order = channel.order()
    is_again = isinstance(order, Again)
    before = order.ended if isinstance(order, Again) else 0
    with listening(quiet=asked.quiet, of_many=True) as listen:
        serve(
            Service(
                asked.url,
                asked.names,
                asked.checkpoints,
                asked.heartbeat,
                (lambda name: _Hushed(listen(name))) if is_again else listen,
                Orders(channel),
                asked.watch,
                channel.send,
                math.inf if asked.max_trials is None else asked.max_trials - before,
                asked.idle,
                asked.unpacks,
            )
        )
    channel.send(Served())


class _Hushed:
    """A listener that says nothing before the first trial."""

    def __init__(self, listener: Listener) -> None:
        self._listener, self._is_begun = listener, False
        self.epoch, self.trial, self.spent = listener.epoch, listener.trial, listener.spent

    def begin(self, counts: Counts, budget: int, epochs: int) -> None:
        """The first trial begins."""
        self._is_begun = True
        self._listener.begin(counts, budget, epochs)

    def notice(self, text: str) -> None:
        """Something that the user should read, once."""
        if self._is_begun:
            self._listener.notice(text)
