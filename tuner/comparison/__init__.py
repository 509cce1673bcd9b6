"""Candidates on fresh seeds -> scores -> claims and a verdict."""
