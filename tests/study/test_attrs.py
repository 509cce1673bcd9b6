"""The attributes that are stored: what is written is read again, and each key is spelled once."""

import ast

import optuna
import pytest
from _places import ROOT

from tuner.errors import StoreError
from tuner.storage import keys
from tuner.study import attrs
from tuner.study.studies import definition_of, open_study

SPELLED = {"study/attrs.py", "storage/keys.py"}
HOLDERS = ("user_attrs", "attrs", "system_attrs")


@pytest.fixture
def study():
    return optuna.create_study()


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_holder(node):
    return getattr(node, "attr", getattr(node, "id", None)) in HOLDERS


def spelled(tree):
    """The literal keys of attributes in a module, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=holder, slice=key) if is_holder(holder):
                found = [key]
            case ast.Call(func=ast.Attribute(value=holder, attr="get"), args=[key, *_]) if (
                is_holder(holder)
            ):
                found = [key]
            case ast.Call(func=ast.Attribute(attr=name), args=args) if name.startswith("set_"):
                found = args[:2] if name.endswith("_attr") else []
            case ast.Compare(left=key, comparators=[holder]) if is_holder(holder):
                found = [key]
            case ast.Compare(left=ast.Attribute(attr="key"), comparators=[key]):
                found = [key]
            case ast.keyword(arg=name, value=ast.Dict(keys=names)) if name in HOLDERS:
                found = names
            case _:
                continue
        yield from ((key.value, key.lineno) for key in found if is_text(key))


@pytest.mark.parametrize(
    "line",
    [
        'study.set_user_attr("budget", 3)',
        'trial.storage.set_trial_system_attr(1, "budget", 3)',
        'study.user_attrs["budget"]',
        'results.attrs.get("budget", 0)',
        '"budget" in trial.user_attrs',
        'TABLE.c.key == "budget"',
        'create_trial(user_attrs={"budget": 3})',
    ],
)
def test_a_key_that_is_spelled_is_found(line):
    assert list(spelled(ast.parse(line))) == [("budget", 1)]


def test_no_other_module_spells_a_key():
    folder = ROOT / "tuner"
    modules = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.py")}
    assert set(modules) > SPELLED
    found = {
        name: list(spelled(ast.parse(path.read_text(encoding="utf-8"))))
        for name, path in modules.items()
        if name not in SPELLED
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_what_is_stored_is_read_again(study):
    attrs.BUDGET.set(study, 12)
    assert attrs.BUDGET.is_in(study.user_attrs)
    assert attrs.BUDGET.of(study.user_attrs) == 12


def test_what_is_missing_counts_as_the_default(study):
    assert not attrs.SPLIT.is_in(study.user_attrs)
    assert attrs.SPLIT.of(study.user_attrs) == 0


def test_two_meanings_of_a_key_have_two_names():
    assert attrs.FIXED_PARAMS.name == attrs.BASELINE_PARAMS.name == "fixed"
    assert attrs.GRID_POINT.name == attrs.SCORE.name == keys.POINT == "point"


STORED = {
    "VERSION": "attrs_version",
    "DATA": "data",
    "VERSIONS": "versions",
    "DEFINITION": "definition",
    "NOTES": "notes",
    "N_TRAIN": "n_train",
    "FIXED_PARAMS": "fixed",
    "CLASSES": "classes",
    "FEATURES": "features",
    "WRITTEN_RATES": "written_rates",
    "BUNDLE": "bundle",
    "BUDGET": "budget",
    "N_VALIDATION": "n_validation",
    "OPENINGS": "openings",
    "CANDIDATES": "finalists",
    "SEEDS": "seeds",
    "RACE": "race",
    "MOST_TRIALS": "most_trials",
    "N_TEST": "n_test",
    "SPLIT": "split",
    "ROLE": "role",
    "BASELINE_PARAMS": "fixed",
    "GRID_POINT": "point",
    "SCORE": "point",
    "CANDIDATE_NAME": "finalist",
    "PARAMS": "params",
    "SEED": "seed",
    "MEASURED": "measured",
    "HISTORY": "history",
    "SECONDS": "seconds",
    "N_WEIGHTS": "n_weights",
    "RESUMED_AFTER": "resumed_after_epoch",
    "WORKER": "worker",
    "ATTEMPTS": "attempts",
    "ERROR": "error",
}


def test_the_keys_in_stores_stay():
    found = {name: key.name for name, key in vars(attrs).items() if isinstance(key, attrs.Key)}
    assert found == STORED
    assert attrs.train_value("nll").name == "train_nll"
    assert keys.LEASE == "tuner:lease"


def test_a_new_study_says_which_version_it_is(tiny):
    study = open_study(tiny.model_copy(update={"metric": "accuracy"}), "data", storage())
    assert study.user_attrs[attrs.VERSION.name] == attrs.ATTRS_VERSION


def test_a_study_of_a_newer_version_is_refused(tiny):
    study = open_study(tiny.model_copy(update={"metric": "accuracy"}), "data", storage())
    attrs.VERSION.set(study, attrs.ATTRS_VERSION + 1)
    with pytest.raises(StoreError, match="of a newer tuner"):
        definition_of(study)


def storage():
    return optuna.storages.InMemoryStorage()
