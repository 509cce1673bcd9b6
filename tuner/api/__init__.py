"""The Python API: what the commands do, as functions and as methods of a study."""
