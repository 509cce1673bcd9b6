"""How candidates are called."""

from _scores import candidate, scores

from tuner.comparison.statistics.labels import label, short, whose
from tuner.comparison.statistics.pairwise import compare


def test_a_label_has_what_there_is():
    assert label(candidate("none", [1.0])) == "no dropout, width 256"
    assert label(candidate("mc", [1.0], rate="learned", width="narrow")) == "mc dropout"
    selu = candidate("alpha at rate 0 like mc", [1.0], role="no dropout")
    assert label(selu) == "no dropout, SELU, width 256, else as mc"
    written = candidate("mine", [1.0], variant="as written", width=64)
    assert label(written) == "the network as written, width 64"


def test_a_short_name_has_the_width_where_there_are_several():
    wide, narrow = candidate("mc", [1.0]), candidate("mc 64", [1.0], width=64)
    assert short(compare(scores(wide)), wide) == "mc 0.3"
    assert short(compare(scores(wide, narrow)), narrow) == "mc 0.3 at width 64"


def test_a_gain_belongs_to_what_two_networks_differ_in():
    rows = compare(
        scores(
            candidate("none", [1.0]),
            candidate("none at width 64", [1.0], width=64),
            candidate("alpha at rate 0", [1.0], role="no dropout"),
        )
    ).rows
    named = {row.candidate.name: row for row in rows}
    none, narrow, selu = (named[n] for n in ("none", "none at width 64", "alpha at rate 0"))
    assert whose(narrow, none) == "the width's"
    assert whose(selu, narrow) == "the width and the activation's"
    assert whose(None, none) == whose(none, none) == "the network's"
