"""The tests mirror the rooms: a module is tested in a file of its name, and no file is long."""

import fnmatch
import functools

import pytest
from _places import ROOT

ELSEWHERE = {
    "api/defining.py": "cli/test_defining.py",
    "api/comparing.py": "cli/test_compare.py",
    "api/findings.py": "api/test_study.py",
    "api/frames.py": "api/test_study.py",
    "api/processes.py": "cli/test_search.py",
    "api/exploring.py": "api/test_study.py",
    "api/reporting.py": "cli/test_report.py",
    "api/showing.py": "api/test_study.py",
    "api/searching.py": "cli/test_search.py",
    "api/serving.py": "workers/test_serving.py",
    "dashboard/answers.py": "dashboard/test_guard.py",
    "export/report/assets.py": "export/report/test_page.py",
    "export/report/colors.py": "export/report/test_page.py",
    "export/report/differences.py": "export/report/test_page.py",
    "export/report/inline.py": "export/report/test_pictures.py",
    "export/report/origins.py": "export/report/test_tables.py",
    "dropout/_*.py": "dropout/test_layers.py",  # parts of the layers, which all keep to a table
    "dropout/apply_variant.py": "training/test_fit.py",
    "dropout/dense.py": "dropout/test_layers.py",
    "dropout/none.py": "system/test_zoo.py",
    "dropout/stochastic.py": "dropout/test_mc.py",
    "dropout/tensors.py": "dropout/test_layers.py",
    "dropout/variant.py": "dropout/test_rebuild.py",
    "launch/engine.py": "launch/test_order.py",
    "launch/keeper.py": "system/engines/test_ray.py",
    "launch/manifests.py": "launch/test_kubernetes.py",
    "launch/pods.py": "launch/test_kubernetes.py",
    "plots/_*.py": "plots/test_plots.py",  # what all figures are drawn with: they keep to a table
    "plots/csv_table.py": "plots/test_saving.py",
    "plots/p*.py": "plots/test_plots.py",
    "plots/rendering.py": "plots/test_plots.py",
    "plots/shapes.py": "plots/test_plots.py",
    "workers/channel.py": "workers/test_pool.py",
    "workers/following.py": "workers/test_leader.py",
    "workers/gone.py": "workers/test_monitor.py",
    "workers/process.py": "workers/test_pool.py",
    "storage/calls.py": "storage/test_rdb.py",
    "storage/claimed.py": "storage/test_worker_storage.py",
    "storage/exclusive.py": "storage/test_postgres.py",
    "storage/glance_server.py": "storage/test_glance.py",
    "cli/claims.py": "cli/test_compare.py",
    "cli/documents.py": "cli/test_look.py",
    "comparison/measures.py": "comparison/test_claims.py",
    "data/_checking.py": "data/test_preparing.py",
    "data/_bytes.py": "data/test_delimited.py",
    "data/_columns.py": "data/test_tabular.py",
    "data/_decimals.py": "data/test_numbers.py",
    "data/_dialect.py": "data/test_delimited.py",
    "data/_grouping.py": "data/test_parting.py",
    "data/_header.py": "data/test_delimited.py",
    "data/_sheets.py": "data/test_formats.py",
    "data/cells.py": "data/test_numbers.py",
    "data/imputing.py": "data/test_missing.py",
    "data/wording.py": "data/test_frames.py",
    "cli/reading.py": "cli/test_defining.py",
    "cli/searched.py": "cli/test_search.py",
    "cli/watching.py": "cli/test_status.py",
    "cli/worker.py": "workers/test_serving.py",
    "data/_npz.py": "data/test_files.py",
    "data/_raw.py": "data/test_parting.py",
    "data/_pictures.py": "data/test_image_table.py",
    "data/cache.py": "data/test_image_folder.py",
    "data/images.py": "data/test_image_folder.py",
    "data/keras_images.py": "data/test_image_folder.py",
    "data/_words.py": "data/test_targets.py",
    "data/fingerprint.py": "data/test_dataset.py",
    "data/kinds.py": "models/test_saying.py",
    "data/forming.py": "models/test_fitting.py",
    "data/keras_data.py": "data/test_elements.py",
    "models/preprocessing.py": "models/test_fitting.py",
    "models/tasks.py": "models/test_fitting.py",
    "data/cifar10.py": "data/test_download.py",
    "data/fashion_mnist.py": "data/test_download.py",
    "data/mnist.py": "data/test_download.py",
    "data/digits.py": "data/test_loading.py",
    "data/*arrays.py": "data/test_preparing.py",
    "data/sealing.py": "data/test_preparing.py",
    "data/settings.py": "data/test_loading.py",
    "export/series.py": "export/test_tensorboard.py",
    "storage/keys.py": "study/test_attrs.py",
    "server/proposing.py": "server/test_app.py",
    "storage/operations.py": "server/test_app.py",
    "storage/remote.py": "server/test_app.py",
    "storage/token.py": "server/test_app.py",
    "storage/optuna_objects.py": "storage/test_private_api.py",
    "storage/running.py": "storage/test_stale.py",
    "storage/settings.py": "storage/test_connect.py",
    "storage/tables.py": "storage/test_transactions.py",
    "study/epochs.py": "study/test_reading.py",
    "study/filling.py": "study/test_trial_queue.py",
    "study/folder.py": "cli/test_search.py",
    "study/curves/tried.py": "study/curves/test_model.py",
    "study/rows.py": "study/test_reading.py",
    "study/submission.py": "cli/test_submit.py",
    "training/aligning.py": "training/test_measures.py",
    "training/compiling.py": "training/test_trying.py",
    "training/keras_metrics.py": "training/test_measures.py",
    "training/logits.py": "training/test_measures.py",
    "training/own_steps.py": "training/test_owner.py",
    "training/passes.py": "training/test_owner.py",
    "training/recipe.py": "training/test_trainer.py",
    "training/scoring.py": "training/test_losses.py",
    "training/settings.py": "study/test_definition.py",
    "workers/branches.py": "workers/test_resolve.py",
    "workers/chosen.py": "workers/test_resolve.py",
    "workers/listener.py": "workers/test_leader.py",
    "workers/messages.py": "workers/test_leader.py",
    "workers/runnable.py": "workers/test_serving.py",
    "workers/service.py": "workers/test_serving.py",
    "workers/team.py": "workers/test_leader.py",
}
"""Modules that have no tests of their name, and where they are tested."""
LONGEST = 300


@functools.cache
def modules():
    paths = (path.relative_to(ROOT / "tuner") for path in (ROOT / "tuner").rglob("*.py"))
    return sorted(path for path in paths if not path.name.startswith("__"))


@functools.cache
def files():
    return sorted(path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("*.py"))


def own(module):
    return module.with_name(f"test_{module.name.lstrip('_')}")


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_module_is_tested_in_a_file_of_its_name_or_is_known_to_be_tested_elsewhere(module):
    named = [file for name, file in ELSEWHERE.items() if fnmatch.fnmatch(str(module), name)]
    assert own(module) in files() or named


def test_where_modules_are_tested_elsewhere_there_are_tests():
    assert {str(file) for file in files()} >= set(ELSEWHERE.values())


def test_no_module_with_tests_of_its_name_is_said_to_be_tested_elsewhere():
    without = [str(module) for module in modules() if own(module) not in files()]
    unneeded = [name for name in ELSEWHERE if not fnmatch.filter(without, name)]
    assert unneeded == []


def test_no_file_of_tests_is_longer_than_can_be_read():
    lengths = {str(file): (ROOT / "tests" / file).read_bytes().count(b"\n") for file in files()}
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}
