"""The files of a study in the store, on both databases."""

from functools import partial

import optuna
import pytest

from tuner.errors import StoreError, UsageError
from tuner.storage.connect import open_storage
from tuner.storage.tables import write_attrs
from tuner.study import bundle
from tuner.study.studies import load_study


@pytest.fixture
def study(store_url):
    store = open_storage(store_url)
    for name in ("mine", "mine/compare"):
        optuna.create_study(study_name=name, storage=store)
    return load_study("mine", store)


@pytest.fixture
def files(tmp_path):
    root = tmp_path / "root"
    (root / "data").mkdir(parents=True)
    (root / "nets.py").write_text("W = 8\n")
    (root / "data" / "rows.npz").write_bytes(bytes(range(256)) * 6000)
    return root


def packed(root):
    return bundle.pack((path for path in root.rglob("*") if path.is_file()), root)


def test_the_same_files_are_the_same_bytes(files):
    first = packed(files)
    (files / "nets.py").touch()
    assert packed(files) == first
    (files / "nets.py").write_text("W = 9\n")
    assert packed(files) != first


def test_files_elsewhere_or_too_large_are_refused(files, tmp_path, monkeypatch):
    (tmp_path / "other.py").touch()
    with pytest.raises(UsageError, match=r"other\.py is outside"):
        bundle.pack([tmp_path / "other.py"], files)
    monkeypatch.setattr(bundle, "MOST", 100)
    with pytest.raises(UsageError, match=r"the largest is data/rows\.npz"):
        packed(files)


def test_what_is_put_into_the_store_comes_out_of_it_once_and_private(study, files, tmp_path):
    bundle.put(study, packed(files))
    bundle.put(study, packed(files))
    beside = load_study(bundle.name_of("mine"), study.store)
    assert len(beside.trials) == 1
    digest = bundle.digest_of(study)
    assert bundle.digest_of(load_study("mine/compare", study.store)) == digest
    folder = bundle.unpack(study, digest, tmp_path / "cache")
    for path in ("nets.py", "data/rows.npz"):
        assert (folder / path).read_bytes() == (files / path).read_bytes()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert bundle.unpack(study, digest, tmp_path / "cache") == folder
    folder.chmod(0o777)
    with pytest.raises(StoreError, match="can be written by others"):
        bundle.unpack(study, digest, tmp_path / "cache")


def test_a_large_bundle_is_in_pieces(study, files, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "_CHUNK", 100)
    bundle.put(study, packed(files))
    digest = bundle.digest_of(study)
    assert (bundle.unpack(study, digest, tmp_path) / "nets.py").read_text() == "W = 8\n"
    (trial,) = load_study("mine/bundle", study.store).trials
    assert len(trial.user_attrs) > 10


def test_other_files_are_another_study(study, files):
    bundle.put(study, packed(files))
    (files / "nets.py").write_text("W = 9\n")
    with pytest.raises(StoreError, match="give --name"):
        bundle.put(study, packed(files))


def test_what_was_changed_in_the_store_is_not_unpacked(study, files, tmp_path, store_url):
    bundle.put(study, packed(files))
    digest = bundle.digest_of(study)
    beside = load_study(bundle.name_of("mine"), study.store)
    key = next(iter(beside.trials[0].user_attrs))
    changed = partial(write_attrs, trial_id=beside.trial_id(0), attrs={key: "AAAA"})
    study.store.database.run(changed)
    with pytest.raises(StoreError, match="damaged"):
        bundle.unpack(load_study("mine", open_storage(store_url)), digest, tmp_path)
    assert not list(tmp_path.glob("bundles/*"))
