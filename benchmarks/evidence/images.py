"""CIFAR-10, 4,000 of 15,000 images: inside of the convolutions or behind, values or whole maps."""

import tarfile
from collections.abc import Iterator, Sequence

from evidence import saying, written
from evidence.case import NONE, Case, Place, Training, dropout
from evidence.setting import Setting, known, setting

TEXT = """\
CIFAR-10 as JPEG, 4,000 images, two blocks of two convolutions (16, then 32 maps) and a dense
layer of 128, 15 epochs: dropout inside, behind each block, or behind the dense layer.
"""
TITLE = "Images"
INSIDE = (0.1, 0.25, 0.4)
BEHIND = (0.25, 0.5, 0.75)
WORDS = {"plain": "CNN", "normalized": "CNN with BatchNormalization"}


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


def settings(found: Sequence[Training]) -> list[Setting]:
    """Each network, place and kind."""
    return known(
        [
            setting(
                found, f"CIFAR-10, {WORDS[network]}, {kind} {where}", case, kind=kind, twin=twin
            )
            for network in WORDS
            for where, kind in (
                ("inside", "standard"),
                ("inside", "spatial"),
                ("behind", "standard"),
            )
            for case, twin in [(f"{network}_{where}", f"{network}_inside")]
        ]
    )


def show(found: Sequence[Training]) -> str:
    """What is said, and a line for each network, place and kind."""
    rows = []
    for each in settings(found):
        _, network, kind = each.name.split(", ")
        without = written.mean(each.without.values(), 100, 1)
        rows.append((network, kind, without, each.chosen, saying.gain(each)))
    header = ("network", "dropout", "accuracy without, %", "rate chosen", "points gained")
    return f"{said(found)}\n\n{written.table(header, rows)}"


def said(found: Sequence[Training]) -> str:
    """How often dropout gains, and whether whole maps are better than values."""
    own = settings(found)
    texts = [saying.counted(own, "settings"), saying.extremes(own)]
    for network, words in WORDS.items():
        twin = written.chosen_if_any(found, f"{network}_inside", "standard")
        maps = written.chosen_if_any(found, f"{network}_inside", "spatial")
        if twin and maps:
            case = f"{network}_inside"
            both = written.minus(written.of(found, case, maps), written.of(found, case, twin))
            texts.append(f"Spatial less standard, inside, {words}: {written.shown(both)} points.")
    return " ".join(text for text in (*texts, saying.without_gain(own)) if text)
