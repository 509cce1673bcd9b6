"""A store of a file, and a folder to launch workers from."""

import pytest


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The current folder is an empty one, and no setting of the caller's reaches a worker."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    return tmp_path


@pytest.fixture
def url(here, new_store):
    return new_store(here / "store.db")
