"""What a search in Python does where it is refused."""

import pytest

from tuner.api.refused import in_words, undone
from tuner.errors import StoreError, UsageError


def fail(folder, *names, error=KeyboardInterrupt, stays=False):
    with undone(folder) as stay:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).write_text("")
        if stays:
            stay()
        raise error


def test_what_fails_leaves_no_file_and_no_folder_that_was_not_there(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fail(tmp_path / "studies" / "mine", "data.pickle")
    assert not list(tmp_path.iterdir())


def test_what_was_there_before_stays_and_so_does_what_others_write(tmp_path):
    folder = tmp_path / "studies" / "mine"
    folder.mkdir(parents=True)
    (folder / "before.csv").write_text("")
    with pytest.raises(UsageError):
        fail(folder, "data.pickle", "../tuner.db", error=UsageError)
    assert [path.name for path in folder.iterdir()] == ["before.csv"]
    assert (folder.parent / "tuner.db").exists()


def test_what_the_store_has_begun_with_stays(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fail(tmp_path, "data.pickle", stays=True)
    assert (tmp_path / "data.pickle").exists()


def test_an_error_says_what_the_caller_gave_and_stays_of_its_kind():
    with pytest.raises(StoreError, match=r"^model 'build' fails$"), in_words({"a.pickle": "build"}):
        raise StoreError("model 'a.pickle' fails")
