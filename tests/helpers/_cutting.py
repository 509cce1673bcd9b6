"""A wire to a database that is cut in the middle of a COMMIT, or leads to another one."""

import contextlib
import select
import socket
import threading

from sqlalchemy.engine import make_url

BEFORE, AFTER = "before", "after"


class Wire:
    """A port that leads to that of a server, until `stop`.

    The next COMMIT after `cut`, or after `skip` others, is lost on its way to the server (BEFORE),
    or its answer on the way back (AFTER). `n_cuts` are those that have happened.
    """

    def __init__(self, port):
        self._to = port
        self._ends = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._when, self._skip, self.n_cuts = None, 0, 0
        threading.Thread(target=self._listen, daemon=True).start()

    def url(self, url):
        """The same database behind this wire."""
        return make_url(url).set(port=self.port).render_as_string(hide_password=False)

    def cut(self, when, skip=0):
        self._when, self._skip = when, skip

    def lead_to(self, port):
        """Cut all connections; the next ones are to another server."""
        self._to = port
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._lead, args=(client,), daemon=True).start()

    def _lead(self, client):
        with client, contextlib.suppress(OSError), self._reach() as server:
            self._ends += [client, server]
            ends = {client: server, server: client}
            while True:
                for ready in select.select(list(ends), [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client and self._is_cut(data, server):
                        return
                    ends[ready].sendall(data)

    def _reach(self):
        return socket.create_connection(("127.0.0.1", self._to))

    def _is_cut(self, data, server):
        when = self._when
        if when is None or b"COMMIT" not in data:
            return False
        if self._skip:
            self._skip -= 1
            return False
        self._when = None
        self.n_cuts += 1
        if when == AFTER:
            server.sendall(data)
            server.recv(65536)
        return True
