"""optuna-dashboard on the store, behind a login, with figures and notes of ours."""
