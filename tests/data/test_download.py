"""A data set that has to be downloaded, where there is no network."""

import sys

import pytest

from tuner.data._download import fetch
from tuner.errors import TunerError


def test_a_failed_download_says_what_was_tried_and_how_to_give_a_file():
    def load_data():
        raise OSError("no\nnetwork")

    with pytest.raises(
        TunerError, match=r"mnist: .*OSError: no network.*--data PATH\.npz"
    ) as error:
        fetch("mnist", load_data)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 1


def test_what_keras_prints_does_not_go_to_stdout(capsys):
    def load_data():
        sys.stdout.write("downloading\n")
        return ([[1.0]], [1]), ([[2.0]], [2])

    assert fetch("mnist", load_data).x_test.tolist() == [[2.0]]
    assert capsys.readouterr() == ("", "downloading\n")
