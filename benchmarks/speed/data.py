"""The data of a row, for tuner and, already split and standardized, for the others."""

import collections
import csv
import tarfile
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from tuner.data.loading import open_dataset
from tuner.study.definition import StudyDefinition


@dataclass(frozen=True)
class Row:
    """A network of `networks`, and how long each of its trainings is."""

    model: str
    epochs: int


ROWS = {
    "digits": Row("mlp", 20),
    "mnist": Row("mlp", 3),
    "cnn": Row("cnn", 3),
    "bilstm": Row("bilstm", 3),
    "transformer": Row("transformer", 3),
    "efficientnet": Row("efficientnet", 3),
}
"""Data, network and epochs.

The CNN sees 8,000 images of MNIST, the networks of words 3,000 sentences of rt-polarity.csv, 40
words long, the last one 2,000 images of cifar10-jpeg.tar: all before the split.
"""

WORDS, LENGTH, N_SENTENCES, N_IMAGES = 5_000, 40, 3_000, 2_000


def prepare(
    row: str, mnist: Path | None, folder: Path, *, seed: int = 0, data: Path | None = None
) -> None:
    """Write raw.npz for tuner, and the same rows split and standardized for the others.

    The split is that of a study with `seed`; `data` is the folder of sentences and images.
    """
    if row == "digits":
        from sklearn.datasets import load_digits

        digits = load_digits()
        raw = {"x": digits.data.astype("float32"), "y": digits.target}
    elif row in ("bilstm", "transformer", "efficientnet"):
        if data is None:
            raise click.UsageError(f"the row {row!r} needs --data FOLDER")
        raw = _images(data) if row == "efficientnet" else _sentences(data)
    else:
        if mnist is None:
            raise click.UsageError(f"the row {row!r} needs --mnist FILE")
        with np.load(mnist) as arrays:
            raw = dict(arrays)
        if row == "cnn":
            raw = {"x": raw["x_train"][:12_500, ..., None], "y": raw["y_train"][:12_500]}
    np.savez(folder / "raw.npz", **raw)
    table = {"data": str(folder / "raw.npz"), "search": {"seed": seed}}
    if row not in ("digits", "mnist", "cnn"):
        table |= {"model": f"networks:{row}"}  # its rows stay as they are
    train_validation = open_dataset(
        StudyDefinition.parse(table, "benchmark").data_settings
    ).train_validation
    parts = {"train": train_validation.train, "validation": train_validation.validation}
    arrays = {
        f"{axis}_{name}": getattr(part, axis) for name, part in parts.items() for axis in "xy"
    }
    np.savez(folder / "split.npz", **arrays)


def _sentences(folder: Path) -> dict[str, np.ndarray]:
    """Ids of words, 0 behind the end, and which sentences are positive."""
    with (folder / "text" / "rt-polarity.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    lines = [lines[i] for i in np.random.default_rng(0).permutation(len(lines))[:N_SENTENCES]]
    texts = [line["text"].split()[:LENGTH] for line in lines]
    common = collections.Counter(word for text in texts for word in text).most_common(WORDS - 2)
    ids = {word: i for i, (word, _) in enumerate(common, 2)}
    x = np.zeros((N_SENTENCES, LENGTH), "int32")
    for row, text in zip(x, texts, strict=True):
        row[: len(text)] = [ids.get(word, 1) for word in text]
    return {"x": x, "y": np.array([line["label"] == "positive" for line in lines], "int64")}


def _images(folder: Path) -> dict[str, np.ndarray]:
    """Bytes of 32 x 32 colour images, as many of each class, and their classes."""
    from tensorflow.io import decode_jpeg

    with tarfile.open(folder / "cifar10-jpeg.tar") as archive:
        members = [each for each in archive if each.isfile() and "/train/" in each.name]
        kinds = sorted({each.name.split("/")[-2] for each in members})
        chosen = [
            each
            for kind in kinds
            for each in [m for m in members if m.name.split("/")[-2] == kind][: N_IMAGES // 10]
        ]
        x = [decode_jpeg(_bytes(archive, each), channels=3).numpy() for each in chosen]
    return {"x": np.stack(x), "y": np.array([kinds.index(m.name.split("/")[-2]) for m in chosen])}


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"{member.name} is no file")
    return file.read()
