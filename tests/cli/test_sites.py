"""tuner sites: a table of places, or a document."""

import json

from tuner.cli.main import run


def test_the_table_has_a_place_a_line_and_why_variants_do_not_fit(capsys):
    assert run(["sites", "--model", "cnn"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("units" in line for line in lines) == 3
    assert "adversarial: nothing there: it masks the last place only" in lines


def test_the_document_has_what_the_table_has(capsys):
    assert run(["sites", "--model", "cnn", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [place["kind"] for place in document["places"]] == ["units"] * 3
    assert [sorted(place["not"]) for place in document["places"]] == [["adversarial"]] * 2 + [[]]
    assert document["left_alone"] == []
