"""The points of a grid."""

from dataclasses import replace

import pytest
from _search_spaces import SPACE, Hyperparameter, with_axes

from tuner.errors import UsageError
from tuner.schema import Range
from tuner.study.search_space import Branch, SearchSpace

LISTS = SearchSpace(
    axes={"width": (64, 256), "depth": 2},
    variants=("none", "standard", "scheduled"),
    branches={
        "none": Branch(None, {}),
        "standard": Branch((0.1, 0.5), {}),
        "scheduled": Branch(
            (0.1, 0.5),
            {
                "shape": Hyperparameter(("constant", "late")),
                "cutoff": Hyperparameter((1, 2), when=("shape", ("late",))),
            },
        ),
    },
    rate=(0.1, 0.5),
)


def test_number_of_structures_counts_variants_and_lists():
    assert SPACE.n_structures() == 4 * 3


def test_grid_enumerates_every_point_once():
    points = [tuple(LISTS.params_of(point).items()) for point in LISTS.grid()]
    # 2 widths x (none + 2 rates of standard + 2 rates x (constant + late with 2 cutoffs))
    assert len(points) == len(set(points)) == 2 * (1 + 2 + 2 * 3)


def test_points_of_the_grid_are_those_of_the_space():
    for point in LISTS.grid():
        inside = LISTS.contains(point)
        assert set(point) - set(inside) <= {"depth", "none.rate"}


def test_grid_takes_ranges_with_a_step():
    space = with_axes(x=Range(low=0, high=1, step=0.5), n=Range(low=1, high=3))
    space = replace(space, variants=("none",))
    points = {(point["x"], point["n"]) for point in space.grid()}
    assert points == {(x, n) for x in (0.0, 0.5, 1.0) for n in (1, 2, 3)}


@pytest.mark.parametrize(
    "axis", [Range(low=0.0, high=0.8), Range(low=1, high=8, log=True)], ids=["floats", "log"]
)
def test_grid_refuses_a_range_without_a_step(axis):
    space = replace(with_axes(x=axis), variants=("none",))
    with pytest.raises(UsageError, match=r"the grid sampler needs lists.*: x is a range"):
        list(space.grid())
