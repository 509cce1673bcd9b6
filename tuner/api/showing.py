"""A study as a notebook shows it: what is known, the table, a picture, and what to do next.

The colors are those of the notebook, light or dark.
"""

from base64 import b64encode
from html import escape

from tuner.api.findings import table
from tuner.comparison.answer import Answer
from tuner.study.results import Results
from tuner.study.summary import LEGEND, too_few, variants_table

_MUTED = "opacity:.7;font-size:90%"
_PICTURE = "display:block;width:100%;max-width:600px;margin:1em 0;background:#fff;border-radius:6px"


def page(results: Results, answer: Answer | None, picture: tuple[str, bytes] | None) -> str:
    """The HTML of a study; a `picture` is its title and its PNG, where there is one."""
    parts = [f'<div style="{_MUTED}">{escape(results.definition.name)}</div>']
    if answer is not None:
        parts.append(f'<p style="font-size:115%;max-width:50em">{escape(answer.answer)}</p>')
        lines = [(name, text) for name, text in answer.lines() if name in ("Safe rates", "Cost")]
        parts += [_said(name, text) for name, text in lines]
    parts.append(table(*variants_table(results)))
    notes = [LEGEND, *filter(None, [too_few(results)])]
    parts += [f'<div style="{_MUTED}">{escape(note)}</div>' for note in notes]
    if picture is not None:
        title, data = picture
        source = f"data:image/png;base64,{b64encode(data).decode()}"
        parts.append(f'<img style="{_PICTURE}" alt="{escape(title)}" src="{source}">')
    if answer is not None:
        parts.append(_said("Next", answer.next))
    return "\n".join(parts)


def _said(name: str, text: str) -> str:
    return f'<p style="max-width:60em"><b>{escape(name)}</b> {escape(text)}</p>'
