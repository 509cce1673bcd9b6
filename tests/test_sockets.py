"""Sockets to listen on."""

import pytest

from tuner import sockets
from tuner.errors import UsageError


def test_an_address_is_that_of_its_socket():
    with sockets.listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert sockets.address(listener, "tuner+http") == f"tuner+http://127.0.0.1:{port}"
        with pytest.raises(UsageError, match=f"cannot listen on port {port} of 127.0.0.1"):
            sockets.listen("127.0.0.1", port)
    with sockets.listen("::1", 0) as listener:
        assert sockets.address(listener, "http").startswith("http://[::1]:")
