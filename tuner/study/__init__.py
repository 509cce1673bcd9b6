"""Studies: what is asked for, what is tried next, what has come out."""
