"""A kernel of Jupyter, as a notebook has it."""

import time

from jupyter_client.manager import start_new_kernel

_SECONDS = 240


class Kernel:
    """A kernel in a folder; `run` gives what a cell shows, `begin` and `end` are its halves."""

    def __init__(self, folder):
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(folder))

    def begin(self, code):
        """Send a cell."""
        return self.client.execute(code)

    def end(self, cell):
        """The messages of a cell, once it is idle again."""
        found, until = [], time.monotonic() + _SECONDS
        while time.monotonic() < until:
            message = self.client.get_iopub_msg(timeout=_SECONDS)
            if message["parent_header"].get("msg_id") != cell:
                continue
            if message["content"].get("execution_state") == "idle":
                return found
            found.append((message["msg_type"], message["content"]))
        raise TimeoutError(cell)

    def run(self, code):
        """The messages of a cell; RuntimeError where it raises."""
        found = self.end(self.begin(code))
        for kind, content in found:
            if kind == "error":
                raise RuntimeError(content["evalue"])
        return found

    def interrupt(self):
        """The stop button."""
        self.manager.interrupt_kernel()

    def close(self):
        """No process of it is left."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def shown(messages, kind="text/plain"):
    """What a cell's last value is shown as."""
    values = [content["data"] for name, content in messages if name == "execute_result"]
    return values[-1][kind]
