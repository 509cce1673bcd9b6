"""The sentences, word for word."""

import re

import pytest
from _scores import around, candidate, scores

from tuner.comparison.statistics.decision import decide
from tuner.comparison.statistics.pairwise import compare
from tuner.comparison.statistics.sentence import label, note, sentence


def of(mean, name, *, seed, n=10, **more):
    return candidate(name, around(mean, n=n, seed=seed), **more)


NONE = of(0.9841, "none", seed=1)

GAUSSIAN = of(0.9879, "gaussian", seed=2, rate=0.31, n_hyperparameters=3)

STANDARD = of(0.9878, "standard", seed=3, rate=0.27)

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
    "only at one width": scores(
        NONE,
        of(0.9879, "standard", seed=2, width=512),
        of(0.9835, "standard 64", seed=3, rate=0.1, width=64),
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
        Use gaussian dropout at 0.31, width 256, the best of 3: test error 1.21 % [1.12,
        1.30], 0.38 points [0.32, 0.44] below no dropout (10 seeds, Holm p < 0.001).
    """,
    "tie": """
        Use standard dropout at 0.27, width 256, the simplest of the best 3: test error 1.22
        % [1.12, 1.32], 0.37 points [0.24, 0.50] below no dropout (10 seeds, Holm p <
        0.001). Not distinguishable from it: gaussian 0.31, concrete 0.2.
    """,
    "tie of which one does not help": """
        Use gaussian dropout at 0.31, width 256, the simplest of the best 2 that is shown to
        help: test error 1.21 % [1.12, 1.30], 0.38 points [0.32, 0.44] below no dropout (10
        seeds, Holm p < 0.001). Not distinguishable from it: standard 0.3.
    """,
    "tie at the edge": """
        Use standard dropout at 0.3, width 256, the simplest of the best 2: test error 1.30 %
        [0.93, 1.67], 0.29 points [0.00, 0.63] below no dropout (10 seeds, Holm p = 0.050). Not
        distinguishable from it: gaussian 0.31.
    """,
    "dropout does not help": """
        Dropout does not help here: use no dropout, width 256, test error 1.59 % [1.50,
        1.68]; the best with dropout, gaussian dropout at 0.3, width 256, has test error
        1.60 % [1.51, 1.69], 0.01 points [-0.05, 0.07] above no dropout (10 seeds, Holm p =
        0.64).
    """,
    "dropout hurts": """
        Dropout does not help here: use no dropout, width 256, test error 1.59 % [1.51,
        1.67]; the best with dropout, dropconnect at 0.3, width 256, has test error 1.80 %
        [1.72, 1.88], 0.21 points [0.16, 0.26] above no dropout (10 seeds, Holm p < 0.001).
    """,
    "only at one width": """
        Dropout helps only at width 512: use standard dropout at 0.3, width 512, test error
        1.21 % [1.12, 1.30], 0.38 points [0.32, 0.44] below no dropout (10 seeds, Holm p <
        0.001); the best at another width, standard dropout at 0.1, width 64, is 0.06 points
        [-0.06, 0.18] above no dropout.
    """,
    "too few seeds to tell a gain": """
        10 seeds are too few to tell whether dropout helps: the best with it, gaussian
        dropout at 0.3, width 256, has test error 1.56 % [1.48, 1.64], 0.03 points [-0.02,
        0.08] below no dropout (10 seeds, Holm p = 0.19); it would take about 66 seeds to
        show a gain of 0.03 points.
    """,
    "too few seeds to tell anything": """
        3 seeds are too few to tell whether dropout helps: the best with it, gaussian
        dropout at 0.3, width 256, has test error 1.70 % [1.34, 2.06], 0.11 points [-0.33,
        0.55] above no dropout (3 seeds, Holm p = 0.40); it would take about 5 seeds to show
        a gain of 0.76 points.
    """,
    "one seed": """
        One seed cannot tell how sure this is: the best is gaussian dropout at 0.31, width
        256, test error 1.50 %; an interval needs two seeds at least.
    """,
    "one candidate": """
        Only no dropout, width 256 was compared: test error 1.59 % [1.52, 1.66] (10 seeds).
    """,
    "winner without no dropout": """
        Use gaussian dropout at 0.31, width 256, the best of 2: test error 1.21 % [1.13,
        1.29], 0.29 points [0.19, 0.39] below the next, standard dropout at 0.3, width 256
        (10 seeds, Holm p < 0.001). No candidate is without dropout.
    """,
    "tie without no dropout": """
        Use standard dropout at 0.27, width 256, the simplest of the best 2: test error 1.22
        % [1.14, 1.30] (10 seeds). Not distinguishable from it: gaussian 0.31. No candidate
        is without dropout.
    """,
    "several widths, some seeds missing": """
        Use standard dropout at 0.27, width 256, the simplest of the best 2: test error 1.22
        % [1.13, 1.31], 0.37 points [0.25, 0.49] below no dropout (10 seeds, Holm p <
        0.001). Not distinguishable from it: gaussian 0.3 at width 512. Seeds not finished:
        gaussian 0.3 at width 512 (1 of 10), alpha 0.3 at width 512 (9 of 10).
    """,
    "a regression": """
        Use gaussian dropout at 0.3, width 256, the best of 2: test rmse 3.80 [3.72, 3.88],
        0.40 [0.35, 0.45] below no dropout (10 seeds, Holm p < 0.001).
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


def test_the_note_has_the_sampling_error_beside_the_spread():
    comparison = compare(scores(NONE, GAUSSIAN))
    assert note(comparison, decide(comparison)) == (
        "On 10000 test rows the sampling error is 0.11 points, that of the difference 0.17 points"
        " at most; the spread over seeds is 0.10 points."
    )


def test_the_note_of_a_regression_says_what_is_not_known():
    comparison = compare(GIVEN["a regression"])
    assert note(comparison, decide(comparison)) == (
        "The intervals are about other seeds, not about other rows than the 10000 tested."
    )


def test_a_label_has_what_there_is():
    assert label(candidate("none", [1.0])) == "no dropout, width 256"
    assert label(candidate("mc", [1.0], rate="learned", width="narrow")) == "mc dropout"
