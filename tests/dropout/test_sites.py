"""Sites: where dropout may go, and what stands around them."""

from _models import L, branched, convolutional, nested

from tuner.dropout.sites import find_sites


def test_sites_say_what_stands_before_the_mark():
    first, second = find_sites(convolutional())
    assert (first.feeder.__class__, first.activation, first.ndim) == (L.Conv2D, "relu", 4)
    assert (second.feeder.__class__, second.activation, second.ndim) == (L.Dense, "relu", 2)
    assert second.activation_layer is not None


def test_sites_know_normalization_and_the_input():
    sites = {site.name: site for site in find_sites(branched())}
    assert sites["input_mark"].is_input
    assert [site.normalized for site in sites.values()] == [False, False, True]


def test_marks_of_nested_models_are_found():
    assert len(find_sites(nested())) == 1
