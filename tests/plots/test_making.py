"""Plots by their names."""

import subprocess
import sys

from tuner.plots import PLOTS
from tuner.plots.making import in_order


def test_all_are_made_once_and_those_without_a_model_first():
    order = in_order(tuple(PLOTS))
    assert sorted(order) == sorted(PLOTS)
    assert order[:2] == ["learning_curves", "importance"]


def test_what_is_made_first_needs_no_scipy_that_takes_long_to_load():
    script = (
        "import sys; from tuner import importer; from tuner.plots import PLOTS;"
        "from tuner.plots.making import in_order;"
        "[importer.load(PLOTS[name]) for name in in_order(tuple(PLOTS))[:2]];"
        "print({'scipy.special', 'scipy.optimize', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"set()\n"
