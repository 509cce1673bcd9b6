"""Where the files of a study are: a folder of its name."""

from pathlib import Path

STUDIES = Path("studies")
"""In the current folder: study files, the default store, and a folder for each study."""


def folder_of(study: str) -> Path:
    """What is written about a study goes here."""
    return STUDIES / study
