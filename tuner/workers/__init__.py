"""The bridge between studies and Keras: who runs trials, and how one becomes a training."""
