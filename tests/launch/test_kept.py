"""What was launched, in a file beside the study."""

import pytest

from tuner.errors import TunerError
from tuner.launch.engine import Launch
from tuner.launch.kept import add, forget, launches

FIRST = Launch("slurm", "mine", 32, ("77",), settings={"partition": "gpu"})
SECOND = Launch("ray", "mine", 2, ("a", "b"), address="auto")


def test_what_was_launched_is_found_again_until_it_has_ended(tmp_path):
    folder = tmp_path / "mine"
    assert launches(folder) == []
    add(folder, FIRST)
    add(folder, SECOND)
    assert launches(folder) == [FIRST, SECOND]
    forget(folder, [FIRST])
    assert launches(folder) == [SECOND]
    assert [path.name for path in folder.iterdir()] == ["launches.json"]


@pytest.mark.parametrize("text", ["{", "[1]", '[{"engine": "slurm"}]'])
def test_a_file_of_others_is_refused(tmp_path, text):
    (tmp_path / "launches.json").write_text(text)
    with pytest.raises(TunerError, match="cannot be read"):
        launches(tmp_path)
