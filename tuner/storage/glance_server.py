"""The same look at a store of Postgres, with SQLAlchemy."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from tuner.errors import StoreError
from tuner.storage.glance import Ask, T
from tuner.storage.url import parse


def glanced(url: str, look: Callable[[Ask], T]) -> T | None:
    """What `look` finds in one transaction; None where the server cannot be asked now."""
    try:
        engine = sqlalchemy.create_engine(parse(url), connect_args={"connect_timeout": 1})
        try:
            with engine.begin() as connection:
                return look(partial(_ask, connection))
        finally:
            engine.dispose()
    except (SQLAlchemyError, StoreError, ImportError, ValueError):
        return None


def _ask(
    connection: sqlalchemy.Connection, sql: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    found = connection.execute(sqlalchemy.text(sql), values)
    return [tuple(row) for row in found] if found.returns_rows else []
