"""The digits with wrong labels: where they are wrong, and where they are not."""

import numpy as np
import pytest

from tuner.data.loading import open_dataset, open_sealed
from tuner.data.settings import DataSettings


@pytest.mark.parametrize("opened", [open_dataset, open_sealed])
def test_rows_are_those_of_the_digits_and_only_the_labels_to_train_on_are_wrong(opened):
    clean, noisy = (opened(DataSettings(name)) for name in ("digits", "noisy_digits"))
    for part in ("train", "validation"):
        rows = getattr(noisy.train_validation, part), getattr(clean.train_validation, part)
        np.testing.assert_array_equal(rows[0].x, rows[1].x)
    wrong = noisy.train_validation.train.y != clean.train_validation.train.y
    assert wrong.mean() == pytest.approx(0.36, abs=0.03)
    np.testing.assert_array_equal(
        noisy.train_validation.validation.y, clean.train_validation.validation.y
    )
    np.testing.assert_array_equal(noisy.test.y, clean.test.y)


def test_its_fingerprint_is_its_own():
    assert (
        open_dataset(DataSettings("digits")).fingerprint
        != open_dataset(DataSettings("noisy_digits")).fingerprint
    )
