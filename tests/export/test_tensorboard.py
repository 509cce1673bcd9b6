"""Studies in TensorBoard, read back by its own readers."""

import _made_studies
import numpy as np
import pytest

from tuner.export.series import finished, series
from tuner.study.reading import read

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Results of strange names, and the folder of their event files."""
    from tuner.export.tensorboard import export

    folder = tmp_path_factory.mktemp("tensorboard")
    results = read(_made_studies.nasty(name="strange"))
    assert export(results, folder) == len(finished(results)) == 8
    return results, folder


def events(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


def test_tensorboard_has_the_metrics_of_every_epoch_by_step(written):
    from tensorboard.util import tensor_util

    results, folder = written
    for row in finished(results):
        found = events(folder / "strange" / f"trial-{row.number:04}")
        for name, values in series(results, row).items():
            read_back = {
                e.step: tensor_util.make_ndarray(e.tensor_proto) for e in found.Tensors(name)
            }
            assert list(read_back) == list(values)
            assert np.allclose(list(read_back.values()), list(values.values()), rtol=1e-6)


def test_tensorboard_has_the_params_of_every_trial_whatever_their_names(written):
    from tensorboard.plugins.hparams.metadata import (
        SESSION_START_INFO_TAG,
        parse_session_start_info_plugin_data,
    )

    results, folder = written
    for row in finished(results):
        found = events(folder / "strange" / f"trial-{row.number:04}")
        content = found.SummaryMetadata(SESSION_START_INFO_TAG).plugin_data.content
        params = parse_session_start_info_plugin_data(content).hparams
        assert set(params) == set(row.params)
        assert params[_made_studies.NASTY].string_value == _made_studies.NASTY
        assert params["rate"].number_value == row.rate


def test_tensorboard_is_given_what_is_missing_only(written):
    from tuner.export.tensorboard import export

    results, folder = written
    before = sorted(path.name for path in folder.rglob("*"))
    assert export(results, folder) == 0
    assert sorted(path.name for path in folder.rglob("*")) == before
