"""The result of a comparison: as a table and as JSON, with what noise tells."""

import re

from _compared import STORE, load

from tuner.comparison.verdict import judge
from tuner.storage.connect import open_storage


def test_what_noise_tells_of_a_candidate_is_in_its_measures(compared):
    candidate_of = {each["name"]: each for each in judged().document([])["candidates"]}
    measures = candidate_of["gaussian"]["measures"]
    assert {"gap", "nll", "ece", "passes_nll"} <= set(measures)
    assert measures["passes_nll"] != measures["nll"]
    without = candidate_of["none"]["measures"]
    assert {name for name in without if name.startswith("passes")} == set()


def judged():
    store = open_storage(STORE)
    return judge(load(), store)


def test_a_difference_has_the_same_interval_in_the_table_as_json_and_in_the_sentence(compared):
    found = judged()
    titles, rows = found.table()
    shown = {row[0].rstrip("*"): dict(zip(titles, row, strict=True)) for row in rows}
    columns = {"effect": "effect", "gain": "gain", "to_best": "vs best"}
    document = found.document([])
    for each in document["candidates"]:
        for name, column in columns.items():
            if each[name] is not None:
                low, high = (f"{100 * end + 0.0:+.2f}" for end in each[name]["interval"])
                assert f"[{low}, {high}]" in shown[each["name"]][column]
    named = next(
        each
        for each in document["candidates"]
        if each["name"] == found.decision.named.candidate.name
    )
    said = {abs(float(end)) for end in re.findall(r"-?\d+\.\d\d(?=[,\]])", document["sentence"])}
    assert {round(abs(100 * end), 2) for end in named["effect"]["interval"]} <= said
