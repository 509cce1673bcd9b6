"""With how many threads TensorFlow works: another order of additions is as another seed."""

import tensorflow as tf


def use_threads(n: int) -> None:
    """Let it have n threads within an operation, before it has done any."""
    tf.config.threading.set_intra_op_parallelism_threads(n)


def threads() -> int:
    """How many it has; 0 where nobody said so, as many as there are cores then."""
    return int(tf.config.threading.get_intra_op_parallelism_threads())
