"""The sentences, word for word."""

import re
from dataclasses import replace

import pytest
from _scores import around, candidate, scores

from tuner.comparison.statistics.decision import decide
from tuner.comparison.statistics.looks import Race
from tuner.comparison.statistics.pairwise import compare
from tuner.comparison.statistics.scored import Scores
from tuner.comparison.statistics.sentence import sentence


def of(mean, name, *, seed, n=10, **more):
    return candidate(name, around(mean, n=n, seed=seed), **more)


NONE = of(0.9841, "none", seed=1)

GAUSSIAN = of(0.9879, "gaussian", seed=2, rate=0.31, n_hyperparameters=3)

STANDARD = of(0.9878, "standard", seed=3, rate=0.27)

WIDE = of(0.9878, "none at width 512", seed=3, width=512)

LATE = [0.98, *[None] * 9]

GIVEN = {
    "winner": scores(NONE, GAUSSIAN, of(0.985, "standard", seed=3)),
    "tie": scores(
        NONE, GAUSSIAN, STANDARD, of(0.9877, "concrete", seed=4, rate=0.2, n_hyperparameters=4)
    ),
    "tie of which one does not help": scores(
        NONE, GAUSSIAN, candidate("standard", around(0.987, 0.006, seed=3), n_hyperparameters=0)
    ),
    "tie at the edge": scores(
        NONE, GAUSSIAN, candidate("standard", around(0.987, 0.004, seed=3), n_hyperparameters=0)
    ),
    "dropout does not help": scores(
        NONE, of(0.984, "gaussian", seed=2), of(0.983, "standard", seed=3)
    ),
    "dropout hurts": scores(NONE, of(0.982, "dropconnect", seed=2)),
    "the gain of a width": scores(NONE, WIDE, replace(GAUSSIAN, twin=WIDE.name)),
    "only its network": scores(
        of(0.991, "none", seed=1, width=64), WIDE, of(0.9895, "gaussian", seed=2, twin=WIDE.name)
    ),
    "two contrasts": scores(
        NONE, replace(WIDE, name="alpha at rate 0", variant="alpha"), of(0.9895, "mc", seed=2)
    ),
    "no twins": Scores((NONE, GAUSSIAN), "accuracy", "maximize", 10_000),
    "a race": scores(
        of(0.9841, "none", seed=1, n=7),
        candidate("standard", [0.98, 0.98, *[None] * 5]),
        of(0.9879, "gaussian", seed=2, n=7),
        race=Race(2, 5),
    ),
    "too few seeds to tell a gain": scores(NONE, of(0.9844, "gaussian", seed=2)),
    "too few seeds to tell anything": scores(
        of(0.9841, "none", seed=1, n=3), of(0.983, "gaussian", seed=2, n=3)
    ),
    "one seed": scores(candidate("none", [0.98]), candidate("gaussian", [0.985], rate=0.31)),
    "one candidate": scores(NONE),
    "winner without no dropout": scores(GAUSSIAN, of(0.985, "standard", seed=3)),
    "tie without no dropout": scores(GAUSSIAN, STANDARD),
    "several widths, some seeds missing": scores(
        NONE,
        candidate("gaussian", [None, *around(0.9879, n=9, seed=2)], width=512, n_hyperparameters=3),
        STANDARD,
        candidate("alpha", LATE, width=512),
    ),
    "a regression": scores(
        candidate("none", around(4.2, 0.1, seed=1)),
        candidate("gaussian", around(3.8, 0.1, seed=2)),
        metric="rmse",
        direction="minimize",
    ),
}

SENTENCES = {
    "winner": """
        Use gaussian dropout at 0.31, width 256: test error 1.21 % [1.12, 1.30], 0.38
        points [0.32, 0.44] below the same network without dropout (10 seeds, Holm p <
        0.001).
    """,
    "tie": """
        Use standard dropout at 0.27, width 256: test error 1.22 % [1.12, 1.32], 0.37
        points [0.24, 0.50] below the same network without dropout (10 seeds, Holm p <
        0.001). Not distinguishable from it, and it is the simplest: gaussian 0.31,
        concrete 0.2.
    """,
    "tie of which one does not help": """
        Use gaussian dropout at 0.31, width 256: test error 1.21 % [1.12, 1.30], 0.38
        points [0.32, 0.44] below the same network without dropout (10 seeds, Holm p <
        0.001). Not distinguishable from it: standard 0.3.
    """,
    "tie at the edge": """
        Use standard dropout at 0.3, width 256: test error 1.30 % [0.93, 1.67], 0.29
        points [0.00, 0.63] below the same network without dropout (10 seeds, Holm p =
        0.050). Not distinguishable from it, and it is the simplest: gaussian 0.31.
    """,
    "dropout does not help": """
        Dropout does not help here: use no dropout, width 256, test error 1.59 % [1.50,
        1.68]; the best with dropout, gaussian dropout at 0.3, width 256, has test error
        1.60 % [1.51, 1.69], 0.01 points [-0.05, 0.07] above the same network without
        dropout (10 seeds, Holm p = 1.00).
    """,
    "dropout hurts": """
        Dropout does not help here: use no dropout, width 256, test error 1.59 % [1.51,
        1.67]; the best with dropout, dropconnect at 0.3, width 256, has test error 1.80
        % [1.72, 1.88], 0.21 points [0.16, 0.26] above the same network without dropout
        (10 seeds, Holm p = 1.00).
    """,
    "the gain of a width": """
        The gain is the width's, not dropout's: gaussian dropout at 0.31, width 256,
        test error 1.21 % [1.12, 1.30], is 0.38 points [0.33, 0.43] below no dropout,
        width 256, but not shown to beat the same network without dropout: 0.01 points
        [-0.09, 0.11] below it (10 seeds); use no dropout, width 512, test error 1.22 %
        [1.13, 1.31].
    """,
    "only its network": """
        Dropout helps the network of gaussian dropout at 0.3, width 256, but no network
        with it is shown to beat no dropout, width 64: test error 1.05 % [0.96, 1.14],
        0.17 points [0.07, 0.27] below the same network without dropout, 0.15 points
        [0.09, 0.20] above the best network without dropout (no dropout, width 64) (10
        seeds, Holm p = 0.004); use no dropout, width 64, test error 0.90 % [0.81,
        0.99].
    """,
    "two contrasts": """
        Use mc dropout at 0.3, width 256: test error 1.05 % [0.96, 1.14], 0.54 points
        [0.49, 0.59] below the same network without dropout, 0.17 points [0.07, 0.29]
        below the best network without dropout (no dropout, SELU, width 512) (10 seeds,
        Holm p = 0.004).
    """,
    "no twins": """
        Use gaussian dropout at 0.31, width 256: test error 1.21 % [1.13, 1.29], 0.38
        points [0.33, 0.43] below no dropout, width 256 (10 seeds, Holm p < 0.001). What
        of a difference is dropout's was not compared: not every candidate has its twin,
        the same network without dropout.
    """,
    "a race": """
        Use gaussian dropout at 0.3, width 256: test error 1.21 % [1.05, 1.36], 0.40
        points [0.34, 0.46] below the same network without dropout (5 seeds, Holm p <
        0.001).
    """,
    "too few seeds to tell a gain": """
        10 seeds are too few to tell whether dropout helps: the best with it, gaussian
        dropout at 0.3, width 256, has test error 1.56 % [1.48, 1.64], 0.03 points
        [-0.02, 0.08] below the same network without dropout (10 seeds, Holm p = 0.19);
        it would take about 66 seeds to show a gain of 0.03 points.
    """,
    "too few seeds to tell anything": """
        3 seeds are too few to tell whether dropout helps: the best with it, gaussian
        dropout at 0.3, width 256, has test error 1.70 % [1.34, 2.06], 0.11 points
        [-0.33, 0.55] above the same network without dropout (3 seeds, Holm p = 1.00);
        it would take about 5 seeds to show a gain of 0.76 points.
    """,
    "one seed": """
        One seed cannot tell how sure this is: the best is gaussian dropout at 0.31,
        width 256, test error 1.50 %; an interval needs two seeds at least.
    """,
    "one candidate": """
        Only no dropout, width 256 was compared: test error 1.59 % [1.52, 1.66] (10
        seeds).
    """,
    "winner without no dropout": """
        Use gaussian dropout at 0.31, width 256: test error 1.21 % [1.13, 1.29] (10
        seeds). No candidate is without dropout.
    """,
    "tie without no dropout": """
        Use standard dropout at 0.27, width 256: test error 1.22 % [1.14, 1.30] (10
        seeds). Not distinguishable from it, and it is the simplest: gaussian 0.31. No
        candidate is without dropout.
    """,
    "several widths, some seeds missing": """
        Use standard dropout at 0.27, width 256: test error 1.22 % [1.13, 1.31], 0.37
        points [0.25, 0.49] below the same network without dropout (10 seeds, Holm p <
        0.001). Not distinguishable from it, and it is the simplest: gaussian 0.3 at
        width 512. Seeds not finished: gaussian 0.3 at width 512 (1 of 10), alpha 0.3 at
        width 512 (9 of 10).
    """,
    "a regression": """
        Use gaussian dropout at 0.3, width 256: test rmse 3.80 [3.72, 3.88], 0.40 [0.35,
        0.45] below the same network without dropout (10 seeds, Holm p < 0.001).
    """,
}


@pytest.mark.parametrize("case", GIVEN)
def test_a_case_has_its_sentence(case):
    comparison = compare(GIVEN[case])
    assert sentence(comparison, decide(comparison)) == " ".join(SENTENCES[case].split())


@pytest.mark.parametrize("case", GIVEN)
def test_no_difference_is_without_its_interval(case):
    comparison = compare(GIVEN[case])
    text = sentence(comparison, decide(comparison))
    assert len(re.findall("below|above", text)) == len(
        re.findall(r"\d( points)? \[-?[\d.]+, [\d.]+\] (below|above)", text)
    )
