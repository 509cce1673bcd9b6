"""Figures of Plotly that a notebook shows without a network."""

import itertools
import json
from functools import partial
from typing import TYPE_CHECKING

from tuner.plots._plotly import packed, script
from tuner.plots.interactive import figure_of
from tuner.plots.plot import Plot

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_NUMBERS = itertools.count()
_PAGE = """<div id="{name}" style="min-height:460px"></div>
<script>
(async () => {{
  if (!window.Plotly) {{
    const bytes = Uint8Array.from(atob("{plotly}"), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }}
  const figure = {figure};
  const options = {{ displaylogo: false, responsive: true }};
  Plotly.newPlot("{name}", figure.data, figure.layout, options);
}})();
</script>"""


def explorable(plot: Plot) -> "Figure":
    """A plot as a figure of Plotly; a notebook shows it with the script that it needs."""
    figure = figure_of(plot)
    vars(figure)["_ipython_display_"] = partial(_display, figure)
    return figure


def page(figure: "Figure") -> str:
    """The HTML of a figure, which needs nothing else."""
    name = f"tuner-figure-{next(_NUMBERS)}"
    text = json.dumps(json.loads(figure.to_json())).replace("<", "\\u003c")
    return _PAGE.format(name=name, plotly=packed(script()), figure=text)


def _display(figure: "Figure") -> None:
    from IPython.display import HTML, display  # noqa: PLC0415 (in a notebook only)

    display(HTML(page(figure)))
