"""The notebooks of examples/: `make notebooks` runs them anew, the site has them as pages.

Outputs are kept in the files, so that they are read where nothing is run. `outputs_of` in the
metadata of each is a digest of the code that gave them.
"""

import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat

FOLDER = Path(__file__).resolve().parents[1] / "examples"
_PYTHON = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
_SECONDS = 300
_GREETING = re.compile(r"[IWE]0000 |WARNING: All log messages before|To enable the following|$")


def all_notebooks() -> list[Path]:
    """The files."""
    return sorted(FOLDER.glob("*.ipynb"))


def code_digest(notebook: Any) -> str:
    """Twelve hexadecimal digits of the code of a notebook."""
    code = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def run(path: Path, folder: Path) -> Any:
    """A notebook after all of its cells were run in a folder; nbclient's error where one fails."""
    from nbclient import NotebookClient  # noqa: PLC0415 (the site does without)

    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    notebook = nbformat.read(path, as_version=4)
    given = {"timeout": _SECONDS, "record_timing": False, "coalesce_streams": True}
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name="python3", resources=resources, **given).execute()
    notebook.metadata = {**_PYTHON, "outputs_of": code_digest(notebook)}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if not _is_greeting(each)]
    return notebook


def _is_greeting(output: Any) -> bool:
    """Whether it is what TensorFlow says of the machine when it is imported."""
    lines = str(output.get("text")).splitlines()
    return output.get("name") == "stderr" and all(map(_GREETING.match, lines))


def as_page(path: Path) -> tuple[str, dict[str, bytes]]:
    """Markdown of a notebook with its outputs, and its pictures by name."""
    from nbconvert import MarkdownExporter  # noqa: PLC0415 (tests do without)

    names = {"unique_key": path.stem, "output_files_dir": "."}
    text, resources = MarkdownExporter().from_filename(str(path), resources=names)
    text = text.replace("](../docs/", "](../").replace(".ipynb)", ".md)")
    taken = f"*[This page as a notebook]({path.name}): it runs as it stands.*\n\n"
    title, _, rest = text.lstrip().partition("\n")
    pictures = {name.removeprefix("./"): data for name, data in resources["outputs"].items()}
    return f"{title}\n\n{taken}{rest}", pictures


def main(names: list[str]) -> None:
    """Run the notebooks of these names, or all, and write their outputs."""
    for path in all_notebooks():
        if not names or path.stem in names:
            with tempfile.TemporaryDirectory() as folder:
                nbformat.write(run(path, Path(folder)), path)


if __name__ == "__main__":
    main(sys.argv[1:])
