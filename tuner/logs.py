"""Lines for people, or for whoever collects them: a JSON object each."""

import json
import logging
import os
import socket
from datetime import UTC, datetime
from typing import Any

FORMATS = ("text", "json")
NAME = "TUNER_LOG_FORMAT"
"""The environment variable that says which, to the processes of a command too."""

LOGGER = logging.getLogger("tuner")
_FIELDS = "fields"


def is_json() -> bool:
    """Whether lines are objects of JSON."""
    return os.environ.get(NAME) == "json"


def begin() -> None:
    """Have all that this process logs in the format that was asked for, on stderr."""
    if is_json():
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        LOGGER.handlers[:] = [handler]
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False


def say(event: str, message: str = "", **fields: Any) -> None:
    """Log what has happened, and what to."""
    LOGGER.info(message or event, extra={_FIELDS: {"event": event, **fields}})


class JsonFormatter(logging.Formatter):
    """A record as a line: time, level, host, process, message, and the fields that it has."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "host": socket.gethostname(),
            "process": record.process,
            "message": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
