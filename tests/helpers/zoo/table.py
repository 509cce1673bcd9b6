"""The zoo as a table of docs/networks.md: what `pytest --junitxml FILE` of it has measured."""

import importlib
import sys
from xml.etree import ElementTree as ET

from zoo.cases import CASES

HEADER = ("network", "as its owner has it", "places", "metric", "chance", "value", "opened")


def main(path: str) -> None:
    """Print the table."""
    measured = {
        test.get("name", "").partition("[")[2].rstrip("]"): {
            each.get("name"): each.get("value", "") for each in test.iter("property")
        }
        for test in ET.parse(path).iter("testcase")
        if "searched" in test.get("name", "")
    }
    for cells in (HEADER, ["---"] * len(HEADER), *(row(case, measured) for case in CASES)):
        sys.stdout.write(f"| {' | '.join(cells)} |\n")


def row(case, measured):
    """A line of the table."""
    found = measured[case.name]
    places = ", ".join(f"{n} {kind}" for kind, n in case.sites.items())
    opened = f"{float(found['opened']):.3f}" if "opened" in found else "not kept by Keras"
    value = f"{float(found['value']):.3f}"
    build = getattr(importlib.import_module(f"zoo.{case.module}"), case.model)
    what = (build.__doc__ or case.model.replace("_", " ")).strip().splitlines()[0].rstrip(".")
    return case.name, what, places, found["metric"], f"{case.chance:g}", value, opened


if __name__ == "__main__":
    main(sys.argv[1])
