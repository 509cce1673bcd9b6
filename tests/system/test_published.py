"""Published errors stand beside those of two networks, the second of which is nearer to them."""

from evidence import published
from evidence.case import NONE, Training, dropout


def trained(case, errors, params=NONE):
    measured = [{"test": 1 - error / 100} for error in errors]
    return [Training("variants", case, s, params, [], [], m, 1.0) for s, m in enumerate(measured)]


NEAR = trained("far", [1.8, 1.9])
WIDE = [
    *trained("near", [1.61, 1.63]),
    *trained("near", [1.27, 1.29], dropout("standard", 0.5)),
    *trained("far", [1.5, 1.6], dropout("standard", 0.35)),
]


def test_the_nearer_network_is_what_is_compared_and_what_it_changed_is_said():
    text = published.show([*NEAR, *WIDE], "far", "near")
    assert "none 1.85 ± 0.05 % becomes 1.62 ± 0.01 %" in text
    assert "standard 1.55 ± 0.05 % becomes 1.28 ± 0.01 %" in text
    assert "dropout of 0.5 gains +0.34 [+0.34, +0.34] points there" in text
    line = "| 1.28 ± 0.04 | 1.55 ± 0.05 | 1.28 ± 0.01 | +0.0 standard errors |"
    assert line in text


def test_without_it_the_other_is_compared_and_nothing_is_said():
    text = published.show(NEAR, "far", "near")
    assert "becomes" not in text
    assert "| 1.62 ± 0.037 | 1.85 ± 0.05 | - | +3.7 standard errors |" in text
    assert published.show([], "far", "near") == ""
