"""The store: Optuna's tables in SQLite or Postgres, and what tuner does to them itself."""
