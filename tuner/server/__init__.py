"""The store over HTTP, for workers that reach no database."""
