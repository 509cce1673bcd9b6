"""A study as event files of TensorBoard: a run with its hyperparameters for each trial."""

from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams

from tuner.export.series import finished, series
from tuner.study.results import Results, TrialRow


def export(results: Results, folder: Path) -> int:
    """Write the finished trials that are not there yet, below the name of the study; how many."""
    root = folder / results.definition.name
    rows = finished(results)
    missing = [row for row in rows if not _folder(root, row).exists()]
    if missing:
        names = dict.fromkeys(name for row in rows for name in row.params)
        with tf.summary.create_file_writer(str(root)).as_default():
            hparams.hparams_config(
                hparams=[hparams.HParam(name) for name in names],
                metrics=[hparams.Metric("value", display_name=results.metric)],
            )
    for row in missing:
        _write(results, row, _folder(root, row))
    return len(missing)


def _folder(root: Path, row: TrialRow) -> Path:
    return root / f"trial-{row.number:04}"


def _write(results: Results, row: TrialRow, folder: Path) -> None:
    with tf.summary.create_file_writer(str(folder)).as_default():
        hparams.hparams(dict(row.params), trial_id=folder.name)
        for name, values in series(results, row).items():
            for step, value in values.items():
                tf.summary.scalar(name, value, step=step)
