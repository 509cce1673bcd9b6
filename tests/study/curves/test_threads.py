"""Linear algebra in one thread."""

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
