"""What MkDocs does not know: pages at the top of the repository, and the links to them."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}
"""Pages of the site, by the file they are made of."""

_GENERATOR = re.compile(r"<!-- \[\[\[cog.*?\]\]\] -->\n|<!-- \[\[\[end\]\]\] -->\n", re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are not in docs/."""
    for page, source in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=as_page(text)))
    return files


def on_page_markdown(markdown: str, **_given: Any) -> str:
    """Leave out the programs that generated a part, and point links at the pages."""
    text = _GENERATOR.sub("", markdown)
    for page, source in PAGES.items():
        text = text.replace(f"](../{source}", f"]({page}")
    return text


def as_page(text: str) -> str:
    """A file of the repository's top as a page beside those of docs/."""
    text = text.replace("](docs/", "](").replace('src="docs/', 'src="')
    for page, source in PAGES.items():
        text = text.replace(f"]({source}", f"]({page}")
    return text
