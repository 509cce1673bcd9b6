"""Published test errors on all rows of MNIST, beside ours."""

from collections.abc import Sequence
from typing import NamedTuple

from evidence import written
from evidence.case import NONE, Training, dropout


class Published(NamedTuple):
    """A test error in percent of a network with all rows of MNIST, as a source says."""

    source: str
    network: str
    kind: str
    error: float
    uncertainty: float | None


_SRIVASTAVA, _WAN = "Srivastava et al. 2014, table 2", "Wan et al. 2013 (from memory)"
PUBLISHED = (
    Published(_SRIVASTAVA, "2 x 800", "none", 1.60, None),
    Published(_SRIVASTAVA, "3 x 1,024, ReLU", "standard", 1.25, None),
    Published(_WAN, "2 x 800, ReLU", "none", 1.62, 0.037),
    Published(_WAN, "2 x 800, ReLU", "standard", 1.28, 0.040),
    Published(_WAN, "2 x 800, ReLU", "dropconnect", 1.20, 0.034),
)
NOTE = """\
Here: two layers of 512 and 20 epochs, as in the table above; or two of 800, 40 epochs with a
learning rate that falls to 0, and a rate of 0.5. There: as many units or more, more epochs, a
bounded norm (Srivastava et al.) or a rate that falls (Wan et al.). Those of Srivastava et al. were
read in a reproduction of it (the first is cited there from Simard et al. 2003), those of Wan et al.
were checked in no text.
"""


def show(found: Sequence[Training], case: str, wide: str) -> str:
    """Each published error beside that of a case and of one that is nearer to it."""
    rows = []
    for each in PUBLISHED:
        ours = [errors(found, name, each.kind) for name in (case, wide)]
        if any(ours):
            rows.append(
                (
                    each.source,
                    each.network,
                    each.kind,
                    f"{each.error:.2f}" + (f" ± {each.uncertainty}" if each.uncertainty else ""),
                    *(written.mean(values) for values in ours),
                    _above(each, ours[1] or ours[0]),
                )
            )
    header = ("source", "network", "dropout", "published, %", "2 x 512", "2 x 800", "above it")
    said = reason(found, case, wide)
    return f"{said}{written.table(header, rows)}\n{NOTE}" if rows else ""


def _above(published: Published, ours: Sequence[float]) -> str:
    """By how many standard errors of both ours is above."""
    if not published.uncertainty or len(ours) < 2:
        return "no error given"
    far = written.away(ours, published.error, published.uncertainty)
    return f"{far:+.1f} standard errors"


def reason(found: Sequence[Training], case: str, wide: str) -> str:
    """What the network that is nearer changes; empty until it was trained."""
    changed = [
        f"{kind} {written.mean(before)} % becomes {written.mean(after)} %"
        for kind in ("none", "standard", "dropconnect")
        for before, after in [[errors(found, name, kind) for name in (case, wide)]]
        if before and after
    ]
    plain, noisy = (written.of(found, wide, each) for each in (NONE, dropout("standard", 0.5)))
    gains = written.minus(noisy, plain)
    if not (changed and gains):
        return ""
    return (
        "With wider layers, twice the epochs, a learning rate that falls and a rate of 0.5 (all at"
        f" once) {', '.join(changed)};"
        f" dropout of 0.5 gains {written.shown(gains, 100, 2)} points there.\n\n"
    )


def errors(found: Sequence[Training], case: str, kind: str) -> list[float]:
    """Test errors of a kind of dropout in percent, of each seed."""
    own = [params for params in written.candidates(found, case) if params["variant"] == kind]
    return [100 * (1 - value) for each in own for value in written.of(found, case, each).values()]
