"""What stands for tensors in signatures: their shapes are in the docstrings."""

from typing import Any

Tensor = Any
"""A tensor of Keras's backend, or what it takes for one (an array, a variable, a number)."""

Shape = Any
"""The shape of a tensor: numbers, and None where a size is not known; symbolic in a graph."""
