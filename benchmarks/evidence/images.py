"""CIFAR-10, 4,000 of 15,000 images: inside of the convolutions or behind, values or whole maps."""

import tarfile
from collections.abc import Iterator, Sequence

from evidence import written
from evidence.case import NONE, Case, Place, Training, dropout

TEXT = """\
CIFAR-10 as JPEG, 4,000 images, two blocks of two convolutions (16, then 32 maps) and a dense
layer of 128, 15 epochs: dropout inside, behind each block, or behind the dense layer.
"""
TITLE = "Images"
INSIDE = (0.1, 0.25, 0.4)
BEHIND = (0.25, 0.5, 0.75)


def cases(place: Place, seed: int, _found: Sequence[Training]) -> Iterator[Case]:
    """With and without BatchNormalization, a place at a time."""
    folder = place.work / "cifar10"
    if not folder.is_dir():
        with tarfile.open(place.data / "cifar10-jpeg.tar") as file:
            file.extractall(place.work, filter="data")
    for kind in ("plain", "normalized"):
        for where, variants, rates in (
            ("inside", ("standard", "spatial"), INSIDE),
            ("behind", ("standard",), BEHIND),
        ):
            own = [dropout(name, rate) for name in variants for rate in rates]
            yield Case(
                f"{kind}_{where}",
                seed,
                {
                    "data": str(folder),
                    "model": f"evidence.networks:{kind}_{where}",
                    "space": {"width": 16},
                    "training": {
                        "epochs": 15,
                        "batch_size": 64,
                        "train_size": 4000,
                        "validation_split": 0.1,
                    },
                },
                [NONE, *own] if where == "inside" else own,
            )


def show(found: Sequence[Training]) -> str:
    """A line for each network, place and kind: the rate that was chosen, and what it gains."""
    rows = []
    for case in dict.fromkeys(each.case for each in found):
        network, where = case.split("_")
        without = written.of(found, f"{network}_inside", NONE)
        kinds = dict.fromkeys(str(each["variant"]) for each in written.candidates(found, case))
        for variant in (kind for kind in kinds if kind != "none"):
            params = written.chosen(found, case, variant)
            gains = written.minus(written.of(found, case, params), without)
            rows.append(
                (
                    {"plain": "without", "normalized": "with"}[network],
                    f"{variant}, {where}",
                    written.mean(without.values(), 100, 1),
                    params["rate"],
                    written.shown(gains),
                )
            )
    header = (
        "BatchNormalization",
        "dropout",
        "accuracy without, %",
        "rate chosen",
        "points gained",
    )
    return written.table(header, rows)
