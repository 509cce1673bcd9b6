"""The example that measures any table of numbers: what it prints is what it says."""

import importlib.util

import numpy as np
import pytest
from _places import ROOT


@pytest.fixture(scope="module")
def example():
    file = ROOT / "examples" / "uncertainty_of_a_table.py"
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_intervals_of_the_example_cover_what_they_say(example):
    random = np.random.default_rng(0)
    mean = random.normal(0, 3, 4000)
    y = mean + random.normal(0, 0.5, 4000)
    answers = np.stack([mean, mean])
    assert example.covered(answers, y, 4.0) == pytest.approx(example.LEVELS, abs=0.04)
    assert max(example.covered(answers, y, 40_000.0)) < 0.1
    taus = [0.4, 4.0, 40.0]
    assert max(taus, key=lambda tau: example.log_likelihood(answers, y, tau)) == 4.0
    assert example.log_likelihood(answers, y, 4.0) == pytest.approx(-0.726, abs=0.03)


@pytest.mark.zoo
def test_the_example_measures_any_table(example, tmp_path, capsys):
    x = np.random.default_rng(0).normal(size=(120, 2))
    rows = np.column_stack([x, 3 * x[:, 0] + 1])
    np.savetxt(tmp_path / "a.csv", rows, delimiter=",", header="a,b,y", comments="")
    np.savez(tmp_path / "rows.npz", first=np.arange(20))
    files = [f"{tmp_path}/a.csv", "--test-rows", f"{tmp_path}/rows.npz"]
    picture = ["--picture", f"{tmp_path}/calibration.png"]
    quick = ["--epochs", "60", "--passes", "5", "--rates", "0.01", "--batch-size", "16"]
    example.main([*files, "--target", "y", *quick, *picture])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["no dropout"] * 2 + ["mc"] * 2
    assert all("(1 splits)" in line for line in lines)
    assert float(lines[0].split()[3]) < 1.5 < np.std(rows[:, 2])
    assert (tmp_path / "calibration.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (None, [], "error: .*rows.csv"),
        ("a,y\n1,2\n", ["--target", "z"], "error: .*no column 'z', only a, y"),
        ("a,y\nfew,2\n1,3\n", [], "error: .*rows.csv: no number, .* in a"),
        ("a,y\n1,\n1,3\n", [], "error: .*rows.csv: no number, .* in y"),
        ("a,y\n1,2\n3,2\n", [], "error: .*rows.csv: y has the same value in each row"),
        ("a,y\n1,2\n1,3\n", [], "error: each split has to test on 1 to 1 of the rows 0 to 1"),
    ],
    ids=["no file", "no column", "a word", "a gap", "one value", "too few rows"],
)
def test_bad_input_is_one_line(text, arguments, said, example, tmp_path):
    file = tmp_path / "rows.csv"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SystemExit, match=said):
        example.main([str(file), *arguments])
