"""What a user may set about the store. Imports nothing."""

HEARTBEAT = 15.0
"""Seconds between two signs of life of a running trial."""
