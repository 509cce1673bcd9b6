"""Networks as people write them, with data that each can learn: what `tuner` is held against.

In the styles of Keras's own example scripts. Kinds and numbers of sites are counted by hand.
"""
