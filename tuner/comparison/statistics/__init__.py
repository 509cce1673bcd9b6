"""Candidates on the same seeds -> statistics -> one sentence."""
