"""Training: one model with one variant, epoch by epoch, without a study."""
