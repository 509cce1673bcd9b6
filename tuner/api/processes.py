"""The worker processes of a search or a comparison."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import cpu_count

from tuner.storage.settings import HEARTBEAT
from tuner.study.definition import StudyDefinition
from tuner.workers.messages import SearchRequest


@dataclass(frozen=True)
class Processes:
    """How many (None: one a core), the seconds between signs of life, whether libraries warn."""

    n: int | None = None
    heartbeat: float = HEARTBEAT
    verbose: bool = False

    def request(
        self, definition: StudyDefinition, url: str, folder: Path, **more: Any
    ) -> SearchRequest:
        """A search of theirs."""
        return SearchRequest(
            definition,
            url,
            folder,
            n_processes=self.n or cpu_count(),
            heartbeat=self.heartbeat,
            verbose=self.verbose,
            **more,
        )
