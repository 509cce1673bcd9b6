"""Claims on trials of a store, and silence."""

import multiprocessing

import optuna
import sqlalchemy
from optuna.trial import TrialState, create_trial


def waiting(n=1):
    return [create_trial(state=TrialState.WAITING, user_attrs={"slot": i}) for i in range(n)]


def claim(study, **given):
    trial_id = study._storage.claim(study._study_id, **given)
    return None if trial_id is None else optuna.trial.Trial(study, trial_id)


def states(study):
    return [trial.state.name for trial in study.get_trials(deepcopy=False)]


def silence(study, seconds):
    """As if the last sign of life of every trial had been so long ago."""
    ago = (
        "timezone('UTC', now()) - interval '{} seconds'"
        if "postgres" in study._storage.database.url
        else None
    )
    ago = (ago or "datetime('now', '-{} seconds')").format(seconds)
    change = sqlalchemy.text(f"UPDATE trial_heartbeats SET heartbeat = {ago}")
    study._storage.database.run(lambda connection: connection.execute(change))


def in_processes(n, target, url):
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(n), context.Queue()
    processes = [context.Process(target=target, args=(url, barrier, queue)) for _ in range(n)]
    for process in processes:
        process.start()
    found = [queue.get(timeout=200) for _ in processes]
    for process in processes:
        process.join(60)
    return found
