"""What MkDocs does not know: pages beside docs/, notebooks among them, and the links to them."""

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import _notebooks
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}
"""Pages of the site, by the file they are made of."""

_NOTEBOOK = re.compile(r"\]\((?:\.\./)?examples/(\w+)\.ipynb")
_GENERATOR = re.compile(r"<!-- \[\[\[cog.*?\]\]\] -->\n|<!-- \[\[\[end\]\]\] -->\n", re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are not in docs/."""
    for page, source in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=as_page(text)))
    for path in _notebooks.all_notebooks():
        text, pictures = _notebooks.as_page(path)
        contents = {f"{path.stem}.md": text, path.name: path.read_bytes(), **pictures}
        for name, content in contents.items():
            files.append(File.generated(config, f"examples/{name}", content=content))
    return files


def on_page_markdown(markdown: str, **_given: Any) -> str:
    """Leave out the programs that generated a part, and point links at the pages."""
    text = _GENERATOR.sub("", markdown)
    for page, source in PAGES.items():
        text = text.replace(f"](../{source}", f"]({page}")
    return _NOTEBOOK.sub(r"](examples/\1.md", text)


def as_page(text: str) -> str:
    """A file of the repository's top as a page beside those of docs/."""
    text = text.replace("](docs/", "](").replace('src="docs/', 'src="')
    for page, source in PAGES.items():
        text = text.replace(f"]({source}", f"]({page}")
    return _NOTEBOOK.sub(r"](examples/\1.md", text)
