"""What a study is made of: flags, study files and data that cannot be used."""

from pathlib import Path

import numpy as np
import pytest

from tuner.cli.main import run


def write(name, **columns):
    np.savez(name, **columns)
    return name


def table(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name


ID = "n,b\n" + "".join(f"name{n},{n % 2}\n" for n in range(60))
BAD_DATA = {
    "a column that does not exist": ("a,b\n1,2\n3,4\n", ["--target", "c"], "unknown column 'c'"),
    "NaN": ("a,b\n1,2\n,4\n", [], "column 'a', row 2: no value"),
    "an id": (ID, [], "column 'n' has 60 names in 60 rows"),
    "a date": ("d,b\n2020-01-01,2\n2020-01-02,4\n", [], "--dates numeric"),
    "a cell": ("a,b\n1,2\n2,1\nbig,4\n", [], "column 'a', row 3: 'big' is no number"),
    "one class": ("a,b\n1,x\n2,x\n", [], "only one class"),
    "no rows": ("a,b\n", [], "expected rows"),
    "one column": ("a\n1\n", [], "expected rows"),
}


@pytest.mark.parametrize(("text", "flags", "says"), BAD_DATA.values(), ids=BAD_DATA)
def test_bad_data_give_one_line_and_exit_code_2(text, flags, says, capsys):
    assert run(["search", "--data", table("bad.csv", text), *flags]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    assert not Path("studies/tuner.db").exists()


BAD_FILES = {
    "text": ("bad.npz", b"no archive"),
    "an empty file": ("bad.npz", b""),
    "binary": ("bad.csv", bytes(range(256))),
    "a torn table": ("bad.parquet", b"PAR1 and no more"),
}


@pytest.mark.parametrize(("name", "content"), BAD_FILES.values(), ids=BAD_FILES)
def test_damaged_files_give_one_line_and_exit_code_2(place, name, content, capsys):
    (place / name).write_bytes(content)
    assert run(["search", "--data", name]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_pickled_arrays_are_refused(capsys):
    write("objects.npz", x=np.array([{}, {}], dtype=object), y=np.array([0, 1]))
    assert run(["search", "--data", "objects.npz"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


STUDY_FILES = {
    "an unknown key": ("epochs = 3", "belongs in [training]"),
    "a wrong type": ("[training]\nepochs = '3'", "training.epochs: expected a valid integer"),
    "an empty list": ("[space]\nwidth = []", "at least one choice"),
    "a rate of one": ("[space]\nrate = 1.0", "0 <= rate < 1"),
    "an unknown variant": ("[space]\nvariant = ['gausian']", "did you mean 'gaussian'"),
    "hyperparameters of an unknown variant": (
        "[space.concrte]\nx = 1",
        "unknown variant 'concrte'",
    ),
    "an axis that nothing reads": ("[space]\nwidht = 3", "did you mean 'width'"),
    "no TOML": ("[space", "not TOML"),
}


@pytest.mark.parametrize(("text", "says"), STUDY_FILES.values(), ids=STUDY_FILES)
def test_a_bad_study_file_gives_one_line_and_exit_code_2(text, says, capsys):
    assert run(["search", table("own.toml", text)]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1


def test_options_of_tables_are_keys_of_the_study(capsys):
    flags = ["--missing", "impute", "--ignore", "n", "--ignore", "m", "--no-header"]
    table("t.csv", "1,2\n")
    assert run(["search", "--data", "t.csv", *flags]) == 2
    assert "unknown column 'n'" in capsys.readouterr().err
    Path("t.toml").write_text('data = "t.csv"\n[table]\nmissing = "fill"\n', encoding="utf-8")
    assert run(["search", "t.toml"]) == 2
    assert "table.missing" in capsys.readouterr().err


def test_options_of_tables_are_refused_for_what_is_none(capsys):
    assert run(["search", "--data", "digits", "--dates", "drop"]) == 2
    assert "--dates is for tables" in capsys.readouterr().err
