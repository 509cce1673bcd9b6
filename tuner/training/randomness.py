"""Everything random that Keras draws, from one seed."""

import random

import keras
import numpy as np
from keras.src.random.seed_generator import global_seed_generator


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and the generator that keras.random uses where it is given none.

    Not keras.utils.set_random_seed: it also sets TensorFlow's global seed, which throws away every
    prepared program, and replaces the generator that compiled programs read.
    """
    state = global_seed_generator().state
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (what a user's model may draw from)
    state.assign(keras.ops.convert_to_tensor([seed % 2**31, 0], state.dtype))
