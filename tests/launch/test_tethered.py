"""A process that ends with the one that holds its input."""

import signal
import subprocess
import sys

PROGRAM = """
import runpy, sys, time
runpy.run_module = lambda name, **_: print(name, sys.argv[1:], flush=True) or time.sleep(60)
from tuner.launch.tethered import main
main()
"""


def test_it_is_tuner_until_its_input_ends():
    command = [sys.executable, "-c", PROGRAM, "worker", "mine"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "tuner ['worker', 'mine']\n"
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(20) == -signal.SIGTERM
    process.stdout.close()
