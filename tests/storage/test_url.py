"""The URL of a store, and that its password is never shown."""

import pytest

from tuner.errors import StoreError
from tuner.storage.connect import open_storage
from tuner.storage.url import masked


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:secret@host/store",
        "postgresql+psycopg://user:secret@host:5432/store?sslmode=require",
        "postgresql+psycopg://host/store?user=user&password=secret",
        "mysql://user:sec%72et@host/store",
    ],
)
def test_masked_url_hides_the_password(url):
    assert "host" in masked(url)
    assert "secret" not in masked(url)


def test_masked_url_without_a_password_stays_as_it_is():
    assert masked("sqlite:///studies/tuner.db") == "sqlite:///studies/tuner.db"


@pytest.mark.parametrize(
    "url", ["nosuchdatabase://user:secret@host/store", "postgresql://user:secret@host:port/store"]
)
def test_errors_do_not_show_the_password(url):
    with pytest.raises(StoreError) as caught:
        open_storage(url)
    assert "secret" not in str(caught.value)
