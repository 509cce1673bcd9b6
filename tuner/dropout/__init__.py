"""The dropout variants and their layers."""
