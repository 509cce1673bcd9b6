"""The parts of the document by their names."""

from evidence import article, few_rows, images, text, uci, variants
from evidence.case import Part

_OURS = {
    few_rows: range(3),
    uci: range(uci.N_SPLITS),
    article: range(10),
    text: range(text.N_FOLDS),
    variants: range(3),
    images: range(2),
}
"""Each with its seeds."""

PARTS = {
    name: Part(name, each.TITLE, each.TEXT, each.cases, each.show, seeds)
    for each, seeds in _OURS.items()
    for name in [each.__name__.rpartition(".")[2]]
}
