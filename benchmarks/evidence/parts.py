"""The parts of the document by their names."""

from evidence import (
    article,
    article_picture,
    few_rows,
    images,
    map_picture,
    text,
    uci,
    uci_picture,
    variants,
)
from evidence.part import Part
from evidence.setting import SECOND

_OURS = {
    few_rows: (*range(3), *range(SECOND, SECOND + 3)),
    uci: range(uci.N_SPLITS),
    article: range(10),
    text: (*range(text.N_FOLDS), *range(SECOND, SECOND + 5)),
    variants: range(3),
    images: range(3),
}
"""Each with its seeds, and those of a second run."""

_PICTURES = {
    few_rows: map_picture.PICTURE,
    article: article_picture.PICTURE,
    uci: uci_picture.PICTURE,
}

PARTS = {
    name: Part(
        name,
        each.TITLE,
        each.TEXT,
        each.cases,
        each.show,
        each.settings,
        seeds,
        _PICTURES.get(each),
    )
    for each, seeds in _OURS.items()
    for name in [each.__name__.rpartition(".")[2]]
}
