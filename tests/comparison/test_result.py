"""The result of a comparison: as a table and as JSON, with what noise tells."""

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


def test_what_is_picked_for_its_value_has_the_same_interval_in_the_table_and_as_json(compared):
    found = judged()
    shown = {row[0].rstrip("*"): row[-1] for row in found.table()[1]}
    for each in found.document([])["candidates"]:
        if each["to_best"] is not None:
            low, high = (f"{100 * end:+.2f}" for end in each["to_best"]["interval"])
            assert f"[{low}, {high}]" in shown[each["name"]]
