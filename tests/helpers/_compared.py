"""A small search that was compared, as its tests see it."""

from tuner.comparison import candidates
from tuner.comparison.companion import ComparisonStudy
from tuner.data.loading import open_sealed
from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study

STORE = "sqlite:///studies/tuner.db"


def load(name="mine"):
    return load_study(name, open_storage(STORE))


def results(name="mine"):
    return read(load(name))


def companion(found, n_seeds=3, top=None, most=None):
    """The comparison of the study `found`, its trials waiting."""
    data, chosen = open_sealed(found.definition.data_settings), candidates.choose(found, top)
    return ComparisonStudy(STORE, found, chosen, n_seeds, data.train_validation, most=most)
