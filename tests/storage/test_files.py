"""Stores in files that can only be read: they are, and nothing is written, beside them either."""

import os
import shutil

import pytest
from _stores import made, says

from tuner.storage import files
from tuner.storage.connect import open_storage

READS = "sqlite:///file:store.db?mode=ro&uri=true"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder of a store whose last process has closed it."""
    monkeypatch.chdir(tmp_path)
    made(tmp_path / "store.db").database.engine.dispose()
    return tmp_path


def seen(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def forbid_writing(monkeypatch):
    """As on a disk that is mounted so; root may write wherever modes forbid it."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)


def n_trials(url):
    store = open_storage(url)
    return len(store.get_all_trials(store.get_study_id_from_name("s")))


def test_a_store_that_is_asked_to_be_read_is_read_and_cannot_be_written(here):
    assert n_trials(READS) == n_trials("sqlite:///store.db") == 3
    with pytest.raises(Exception, match=r"store\.db: cannot be written"):
        open_storage(READS).set_study_user_attr(1, "a", 1)
    says("no permission to write, or a read-only disk", READS, create=True)


def test_on_a_disk_that_is_read_only_nothing_is_made_beside_a_store(here, monkeypatch):
    before = seen(here)
    assert "store.db-wal" not in before
    forbid_writing(monkeypatch)
    assert n_trials("sqlite:///store.db") == 3
    assert seen(here) == before


def test_what_a_process_left_in_its_log_is_read_too(here, monkeypatch):
    writer = open_storage("sqlite:///store.db")
    writer.set_study_user_attr(1, "late", "yes")
    shutil.copytree(here, here / "copy")
    monkeypatch.chdir(here / "copy")
    forbid_writing(monkeypatch)
    assert open_storage("sqlite:///store.db").get_study_user_attrs(1)["late"] == "yes"
    (here / "copy" / "store.db-shm").unlink()
    says("what was written last is in store.db-wal", "sqlite:///store.db")


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home {folder}/net nfs4 rw 0 0
server:/home {folder}/with\\040space cifs rw 0 0
/dev/sdb1 {folder}/net/disk xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("net", "nfs4"),
        ("net/deeper", "nfs4"),
        ("with space", "cifs"),
        ("net/disk", None),
        ("network", None),
        (".", None),
    ],
)
def test_a_store_on_a_network_file_system_is_refused_with_the_way_out(
    tmp_path, monkeypatch, place, kind
):
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS.format(folder=tmp_path))
    monkeypatch.setattr(files, "MOUNTS", mounts)
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{tmp_path / place}/store.db"
    if kind is None:
        open_storage(url, create=True).database.engine.dispose()
        return
    said = says("network file system", url, create=True)
    assert f"({kind})" in said
    assert "tuner store serve" in said
    assert "Postgres" in said


def test_where_nobody_says_what_is_mounted_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOUNTS", tmp_path / "none")
    assert files.network_of(tmp_path) is None
