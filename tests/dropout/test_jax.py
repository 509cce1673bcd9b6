"""The layers are not tied to one backend: their suite under JAX."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).with_name("test_layers.py")


@pytest.mark.zoo
@pytest.mark.timeout(1200)
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_the_suite_of_the_layers_passes_under_jax():
    options = ["-q", "-p", "no:cacheprovider", "--numprocesses=0"]
    command = [sys.executable, "-m", "pytest", *options, str(SUITE)]
    flags = "--xla_backend_optimization_level=0"  # compiling is what takes the time
    environment = {**os.environ, "TUNER_TEST_BACKEND": "jax", "XLA_FLAGS": flags}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    last = done.stdout.rstrip().splitlines()[-1]
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", last)[1]) > 200
    assert "skipped" not in last
