"""Linear algebra in one thread."""

import subprocess
import sys

import numpy as np
import pytest
import threadpoolctl

from tuner.study.curves.threads import in_one_thread


def threads():
    np.ones((4, 4)) @ np.ones((4, 4))
    pools = threadpoolctl.threadpool_info()
    return {pool["num_threads"] for pool in pools if pool["user_api"] == "blas"}


def test_one_thread_while_it_runs_and_as_many_as_before_after():
    with threadpoolctl.threadpool_limits(2):
        if threads() != {2}:
            pytest.skip("the linear algebra here has one thread")
        assert in_one_thread(threads)() == {1}
        assert threads() == {2}


def test_the_library_of_scipy_is_among_them_before_anybody_needs_it():
    script = (
        "import threadpoolctl, tuner.study.curves.threads as t;"
        "t.in_one_thread(int)();"
        "print(sum(pool['user_api'] == 'blas' for pool in threadpoolctl.threadpool_info()))"
    )
    numpy_alone = "import numpy, scipy, threadpoolctl; print(len(threadpoolctl.threadpool_info()))"
    found, before = (
        int(subprocess.run([sys.executable, "-c", each], capture_output=True, check=True).stdout)
        for each in (script, numpy_alone)
    )
    assert found == before + 1
