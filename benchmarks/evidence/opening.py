"""What the README begins with: the map, and two sentences that follow from it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from evidence import few_rows, saying
from evidence.case import label
from evidence.map_picture import PICTURE
from evidence.part import Found
from evidence.setting import Setting

BEGIN, END = "<!-- opening -->\n", "<!-- end of opening -->\n"
_SEEDS = 3


def is_whole(found: Found) -> bool:
    """Whether every cell has every rate, three times."""
    seeds = Counter((each.case, label(each.params)) for each in found)
    n_cells = len(few_rows.ROWS) * len(few_rows.REDRAWN)
    return len(seeds) == n_cells * len(few_rows.RATES) and min(seeds.values()) >= _SEEDS


def renew(readme: Path, found: Found) -> None:
    """Write the opening, where the map is whole."""
    if not is_whole(found):
        return
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}{opening(found)}{END}{after}", encoding="utf-8")


def opening(found: Found) -> str:
    """The picture and the sentences."""
    picture = f'<img src="docs/{PICTURE.file}" alt="{PICTURE.text(found)}" width="600">'
    return f"{picture}\n\n{said(few_rows.settings(found))}\n"


def said(cells: Sequence[Setting]) -> str:
    """What the map says, in two sentences."""
    words = [each.word for each in cells]
    helps, harms = words.count("helps"), words.count("harms")
    loses = f", and costs some in {harms}" if harms else ""
    gains = sorted(cells, key=lambda each: each.mean(each.chosen))
    most, least = gains[-1], gains[0]
    rows, shares = [*few_rows.ROWS], few_rows.REDRAWN
    clean, wrong = _rates(cells, shares[0]), _rates(cells, shares[-1])
    return (
        f"MNIST with {rows[0]} to {rows[-1]:,} training rows, none to {shares[-1]} % of their"
        " labels drawn anew, two layers of 512 units: dropout gains test accuracy\n"
        f"in {helps} of {len(cells)} cells (95 % interval above 0){loses}, from"
        f" {saying.gain(least)} points ({least.name}) to {saying.gain(most)} ({most.name}).\n"
        f"The best of {len(few_rows.RATES) - 1} rates, chosen on other rows, is {clean} where all"
        f" labels are right and {wrong} where {shares[-1]} % are drawn anew:\n"
        "[all results](docs/results.md), those without a gain too."
    )


def _rates(cells: Sequence[Setting], share: int) -> str:
    names = {few_rows.title(n, share) for n in few_rows.ROWS}
    return saying.span(each.chosen for each in cells if each.name in names)
