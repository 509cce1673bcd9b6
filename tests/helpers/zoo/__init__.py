"""Networks as people write them, with data that each can learn: what `tuner` is held against.

In the styles of Keras's own example scripts; kinds and numbers of dropout sites are counted by hand.
"""
