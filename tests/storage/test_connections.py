"""What is left of a connection that is lost, and of one that is not."""

import logging

import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError

from tuner.storage import trials
from tuner.storage.connect import open_storage

NINE = sqlalchemy.text("SELECT generate_series(1, 9)")


@pytest.fixture
def connection(postgres):
    with open_storage(postgres.store()).database.engine.connect() as connection:
        yield connection.execution_options(yield_per=2)


@pytest.fixture
def lose(postgres, connection):
    def lose():
        pid = connection.connection.dbapi_connection.info.backend_pid
        with postgres.connect("postgres") as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    return lose


@pytest.mark.parametrize("n_read", [0, 1, 4])
def test_a_cursor_is_closed_in_silence_where_the_server_is_lost_as_it_is_closed(
    connection, lose, caplog, n_read
):
    rows = connection.execute(NINE)
    read, cursor = [rows.fetchone() for _ in range(n_read)], rows.cursor
    lose()
    rows.close()
    assert cursor.closed
    with pytest.raises(OperationalError):
        connection.execute(NINE)
    connection.rollback()
    assert len(read) == n_read
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(connection.execute(NINE).all()) == 9


def test_a_cursor_is_closed_of_what_was_not_read_to_its_end(connection, lose):
    rows = trials._fetch(connection, NINE)
    next(rows)
    cursor = rows.gi_frame.f_locals["rows"].cursor
    lose()
    rows.close()
    assert cursor.closed
    with pytest.raises(OperationalError):
        connection.commit()


def test_a_connection_is_kept_where_its_cursor_closes(connection):
    for _ in range(3):
        rows = connection.execute(NINE)
        cursor = rows.cursor
        rows.fetchone()
        rows.close()
        assert cursor.closed
        assert not connection.connection.dbapi_connection.closed
