"""The schema of a store is known without Alembic; what is another one, Optuna judges."""

import subprocess
import sys

from optuna.storages import RDBStorage

from tuner.storage.schema_version import REVISION


def test_the_schema_that_is_known_is_that_of_the_optuna_that_is_here():
    assert RDBStorage("sqlite:///:memory:").get_head_version() == REVISION


def test_a_store_that_is_there_is_opened_without_alembic(new_store, tmp_path):
    url = new_store(tmp_path / "store.db")
    code = (
        "import sys; from tuner.storage.connect import open_storage;"
        f"open_storage({url!r}).get_all_studies(); print('alembic' in sys.modules);"
        "open_storage('sqlite:///other.db', create=True); print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
