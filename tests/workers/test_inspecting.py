"""The places of a model, as `tuner sites` shows them, and what is said before the first trial."""

import keras
import pytest
from _networks import L, bidirectional, residual, subclassed, transformer

from tuner.dropout.sites import find_sites
from tuner.workers.inspecting import inspect


def by_path(make):
    return {place.path: place for place in inspect(make(), None).places}


def test_places_say_what_stands_there_instead_and_why():
    places = by_path(residual)
    (path, *_), (units, *_) = (
        [place for place in places.values() if place.kind == kind] for kind in ("path", "units")
    )
    assert "standard noise there" in path.not_here["adversarial"]
    assert "adversarial" in units.fitting
    assert "spatial" in {*path.not_here} - {*path.fitting}


def test_variants_that_have_no_place_say_so():
    for place in by_path(bidirectional).values():
        assert place.fitting == ["none", "standard", "gaussian", "scheduled", "mc"]
        assert "no place is of that kind" in place.not_here["dropconnect"]


def test_a_refusal_names_the_place_and_an_alternative():
    reason = next(iter(by_path(transformer).values())).not_here["dropconnect"]
    assert "'head'" in reason
    assert "use 'standard'" in reason


def test_a_model_without_a_shape_asks_for_data():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.drop = L.Dropout(0.1)

    with pytest.raises(Exception, match="or give the data"):
        find_sites(Own())
    assert len(find_sites(subclassed())) == 2
