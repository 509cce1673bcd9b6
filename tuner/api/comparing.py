"""Train what is missing of a comparison, and judge it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tuner.api.processes import Processes
from tuner.comparison import candidates, result, verdict
from tuner.comparison.companion import ComparisonStudy, companion_name, open_seal
from tuner.comparison.result import ComparisonResult
from tuner.data.dataset import Dataset
from tuner.data.loading import open_sealed
from tuner.data.settings import DataSettings
from tuner.plots.saving import save_plots
from tuner.storage.connect import open_storage
from tuner.study.folder import folder_of
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.studies import load_study, refuse_other_data
from tuner.workers import runtime
from tuner.workers.leader import search
from tuner.workers.listener import Listener
from tuner.workers.messages import Ready, Work

Submit = Callable[[Work, Ready], ComparisonStudy]


@dataclass(frozen=True)
class Plan:
    """What a comparison of a study is to be; None is as the study says, or no limit.

    `top` are the best variants to compare, `most` the trainings on a split in all.
    """

    study: str
    url: str
    seeds: int | None = None
    top: int | None = None
    splits: int | None = None
    most: int | None = None


def compare(
    plan: Plan, processes: Processes, listen: Callable[[str], Listener], command: str
) -> tuple[ComparisonResult, list[Path]]:
    """Train what is missing, and give the verdict and the files that it and its plots are in.

    `command` is noted where the test part is opened.
    """
    store = open_storage(plan.url)
    parent = load_study(plan.study, store)
    results = read(parent)
    chosen = candidates.choose(results, plan.top)
    n_seeds = plan.seeds or results.definition.compare.seeds

    def submit(split: int, work: Work, _ready: Ready) -> ComparisonStudy:
        data = work.train_validation
        given = (results, chosen, n_seeds, data, split)
        companion = ComparisonStudy(plan.url, *given, most=plan.most)
        if not companion.is_finished:
            open_seal(parent, command)
        return companion

    for split in range(plan.splits or results.definition.compare.splits):
        _run(results, plan.url, split, processes, listen, partial(submit, split))
    store = open_storage(plan.url)
    found = verdict.judge(load_study(plan.study, store), store)
    folder = folder_of(plan.study)
    files = result.write(found, folder / "compare")
    plots, _ = save_plots(results, folder / "plots", compared=found.results)
    return found, files + plots


def _run(
    results: Results,
    url: str,
    split: int,
    processes: Processes,
    listen: Callable[[str], Listener],
    submit: Submit,
) -> None:
    name = companion_name(results.definition.name, split)
    definition = results.definition.without_folds()
    request = processes.request(definition, url, folder_of(name), study=name)
    with runtime.interruptible():
        search(request, listen(name), load=partial(open_compared, results, split), submit=submit)


def open_compared(results: Results, split: int, settings: DataSettings) -> Dataset:
    """The data of a comparison on a split. Raises UsageError where the search had others."""
    dataset = open_sealed(settings, split)
    refuse_other_data(results.attrs, results.definition.data, dataset.fingerprint)
    return dataset
