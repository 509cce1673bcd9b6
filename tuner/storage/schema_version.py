"""Which schema a store has, asked without Alembic: loading that takes longer than reading it."""

import sqlalchemy
from optuna.storages._rdb import storage
from sqlalchemy.exc import SQLAlchemyError

REVISION = "v3.2.0.a"
"""Of the tables of the Optuna that is required here. Where a store has another, Optuna looks."""

_STORED = sqlalchemy.text("SELECT version_num FROM alembic_version")


class SchemaVersion(storage._VersionManager):
    """Optuna's look at the schema, which a store that is as it should be is spared."""

    def _init_alembic(self) -> None:
        if not self._is_known():
            super()._init_alembic()

    def check_table_schema_compatibility(self) -> None:
        """RuntimeError where the tables are of another Optuna."""
        if not self._is_known():
            super().check_table_schema_compatibility()

    def _is_known(self) -> bool:
        try:
            with self.engine.connect() as connection:
                return connection.scalars(_STORED).all() == [REVISION]
        except SQLAlchemyError:
            return False


def look() -> None:
    """From now on the storages of this process look so."""
    storage._VersionManager = SchemaVersion  # type: ignore[misc]
