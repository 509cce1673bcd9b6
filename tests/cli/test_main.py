"""The command line: one line and the right exit code for whatever goes wrong."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tuner.cli.main import run

FAST = ["--epochs", "2", "--width", "8", "-q"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch, npz):
    for name in ("TUNER_STORAGE", "OPTUNA_STORAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tuner(*arguments, timeout=120, **settings):
    command = [sys.executable, "-m", "tuner", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, **settings
    )


def write(name, **columns):
    np.savez(name, **columns)
    return name


def table(name, text):
    Path(name).write_text(text, encoding="utf-8")
    return name


BAD_USAGE = {
    "an unknown option": (["search", "--trails", "5"], "trails"),
    "an unknown command": (["serach"], "serach"),
    "no trials": (["search", "--trials", "0"], "--trials"),
    "a negative epoch": (["search", "--epochs", "-1"], "--epochs"),
    "a rate of one": (["search", "--rate", "0.5", "1"], "0 <= rate < 1"),
    "rates upside down": (["search", "--rate", "0.5", "0.1"], "must not be above"),
    "a rate that is a word": (["search", "--rate", "low", "0.1"], "--rate"),
    "an unknown variant": (["search", "--variant", "gausian"], "'gaussian'"),
    "a variant that does not fit": (["search", "--variant", "spatial"], "'spatial' does not fit"),
    "an unknown study": (["search", "digit"], "'digits'"),
    "a missing study file": (["search", "own.toml"], "no such study file"),
    "an unknown data set": (["search", "--data", "minst"], "'mnist'"),
    "a missing data file": (["search", "--data", "nowhere.npz"], "no such data file"),
    "an unknown model": (["search", "--model", "mpl"], "'mlp'"),
    "a missing model file": (["search", "--model", "nowhere.keras"], "no such model file"),
    "an unknown metric": (["search", "--metric", "acuracy"], "'accuracy'"),
    "a metric of another task": (["search", "--metric", "rmse"], "for regression"),
    "an unknown sampler": (["search", "--sampler", "tpee"], "'tpe'"),
    "an unknown pruner": (["search", "--pruner", "halving"], "unknown pruner"),
    "a name with a path": (["search", "--name", "../x"], "no study name"),
    "a study with a path": (["search", "../x"], "no study name"),
    "a missing module": (["search", "--model", "nowhere:build"], "no module 'nowhere'"),
    "a target without a table": (["search", "--target", "x"], "--target"),
    "an unknown study to look at": (["status", "nothing"], "unknown study 'nothing'"),
    "an unknown study to export": (["export", "nothing"], "unknown study 'nothing'"),
    "an unknown study to delete": (["delete", "nothing", "--yes"], "unknown study 'nothing'"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD_USAGE.values(), ids=BAD_USAGE)
def test_bad_usage_gives_one_line_and_exit_code_2(arguments, says, capsys):
    assert run(["init", "--storage", "sqlite:///s.db"]) == 0
    capsys.readouterr()
    storage = ["--storage", "sqlite:///s.db"] if len(arguments) > 1 else []
    assert run([*arguments, *storage]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


BAD_DATA = {
    "a column that does not exist": ("a,b\n1,2\n3,4\n", ["--target", "c"], "unknown column 'c'"),
    "NaN": ("a,b\n1,2\n,4\n", [], "missing values (NaN)"),
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


BAD_STORES = {
    "no URL": "studies.db",
    "a folder that does not exist": "sqlite:///nowhere/s.db",
    "two slashes": "sqlite://s.db",
    "in memory": "sqlite://",
    "a file that is no database": "sqlite:///text.db",
    "an unknown database": "oracle9://x/y",
    "a database that does not answer": "postgresql+psycopg://me:secret@localhost:1/x",
}


@pytest.mark.parametrize("url", BAD_STORES.values(), ids=BAD_STORES)
@pytest.mark.parametrize("command", ["studies", "init"])
def test_a_bad_store_gives_one_line_without_password_and_exit_code_3(url, command, capsys):
    table("text.db", "this is no database at all, but a text of some length\n" * 20)
    assert run([command, "--storage", url]) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "secret" not in err


def test_a_mistyped_store_is_not_created(place):
    assert run(["status", "--storage", "sqlite:///typo.db"]) == 3
    assert not (place / "typo.db").exists()


def test_a_search_prints_its_answer_and_writes_its_files(npz, place, capsys):
    assert run(["search", "--data", str(npz), "--trials", "5", *FAST]) == 0
    out = capsys.readouterr().out
    assert "best params" in out
    assert "smaller differences are noise" in out
    for name in ("trials.csv", "best.keras", "environment.json", "plots/history.png"):
        assert (place / "studies" / "three" / name).stat().st_size > 0


def test_json_is_one_document_as_promised(npz, capsys):
    assert run(["search", "--data", str(npz), "--trials", "3", "--json", *FAST]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == [
        "study", "storage", "metric", "direction", "trials", "best", "variants", "files"
    ]  # fmt: skip
    assert document["trials"] == {
        "complete": 3, "pruned": 0, "failed": 0, "waiting": 0, "running": 0
    }  # fmt: skip
    assert set(document["best"]) == {"number", "value", "params"}
    assert set(document["variants"][0]) == {"variant", "n", "best", "params"}
    assert all(Path(path).exists() for path in document["files"])


def test_every_command_that_looks_works_on_a_study(npz, capsys):
    assert run(["search", "--data", str(npz), "--trials", "3", *FAST]) == 0
    for command in (["status", "three"], ["studies"], ["trials", "three"], ["best", "three"]):
        capsys.readouterr()
        assert run(command) == 0
        assert "three" in command or "three" in capsys.readouterr().out
        capsys.readouterr()
        assert run([*command, "--json"]) == 0
        json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("command", ["variants", "models", "datasets"])
def test_what_can_be_named_is_listed(command, capsys):
    assert run([command]) == 0
    assert run([command, "--json"]) == 0


def test_a_variant_tells_its_hyperparameters(capsys):
    assert run(["variants", "scheduled"]) == 0
    out = capsys.readouterr().out
    assert "follows a schedule" in out
    assert "0.1 to 0.5, where shape is early_linear or early_constant or late" in out
    assert run(["variants", "schedule"]) == 2
    assert "did you mean 'scheduled'" in capsys.readouterr().err


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m tuner variants | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_delete_asks_and_then_removes(npz, monkeypatch, capsys):
    assert run(["search", "--data", str(npz), "--trials", "1", *FAST]) == 0
    assert run(["delete", "three", "--yes"]) == 0
    assert run(["status", "three"]) == 2


def test_delete_without_an_answer_removes_nothing(npz):
    assert run(["search", "--data", str(npz), "--trials", "1", *FAST]) == 0
    assert tuner("delete", "three", input="n\n").returncode == 130
    assert run(["status", "three"]) == 0


def test_a_dry_run_writes_nothing(npz, place, capsys):
    assert run(["search", "--data", str(npz), "--dry-run", *FAST]) == 0
    assert "at most" in capsys.readouterr().out
    assert not (place / "studies").exists()


def test_out_of_time_is_exit_code_4(npz, capsys):
    assert run(["search", "--data", str(npz), "--timeout", "0", *FAST]) == 4
    assert "out of time" in capsys.readouterr().err


def test_options_are_read_from_the_environment(npz, monkeypatch, capsys):
    monkeypatch.setenv("TUNER_TRIALS", "2")
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///of_optuna.db")
    assert run(["search", "--data", str(npz), "--json", *FAST]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["trials"]["complete"] == 2
    assert "of_optuna.db" in document["storage"]


def test_our_storage_variable_comes_before_that_of_optuna(monkeypatch):
    monkeypatch.setenv("TUNER_STORAGE", "sqlite:///ours.db")
    monkeypatch.setenv("OPTUNA_STORAGE", "sqlite:///theirs.db")
    assert run(["init"]) == 0
    assert Path("ours.db").exists()
    assert not Path("theirs.db").exists()


def test_doctor_finds_what_is_missing(capsys):
    assert run(["doctor"]) == 1
    assert "NOT OK" in capsys.readouterr().out
    assert run(["init"]) == 0
    assert run(["doctor"]) == 0


def test_a_pipe_gets_no_control_characters_and_a_line_a_trial(npz):
    done = tuner("search", "--data", npz, "--trials", 3, "--epochs", 2, "--width", 8)
    assert done.returncode == 0, done.stderr
    assert not any(ord(c) < 32 and c != "\n" for c in done.stdout + done.stderr)
    assert [line.partition(" ")[0] for line in done.stderr.splitlines()] == [
        "[1/3]", "[2/3]", "[3/3]"
    ]  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_is_finished_and_the_same_command_goes_on(npz, number):
    arguments = ["search", "--data", str(npz), "--trials", "40", "--epochs", "100", "--width", "8"]
    command = [sys.executable, "-m", "tuner", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith("[2/40]"):
                process.send_signal(number)
                break
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert "the same command goes on" in rest
    counts = json.loads(tuner("status", "three", "--json").stdout)["trials"]
    assert (counts["complete"] >= 2, counts["running"]) == (True, 0)
    again = tuner(*arguments[:3], "--trials", 4, *arguments[5:])
    assert "were finished before" in again.stderr
    assert again.returncode == 0


def test_a_users_own_model_and_data_search_and_open_again(place):
    (place / "my_data.py").write_text(
        "import numpy as np\n"
        "def load():\n"
        "    x = np.random.default_rng(0).normal(size=(300, 5))\n"
        "    return x, np.where(x[:, 0] > 0, 'yes', 'no')\n"
    )
    (place / "my_model.py").write_text(
        "import keras\n"
        "def build(params, spec):\n"
        "    x = inputs = keras.Input(spec.input_shape)\n"
        "    x = keras.layers.Dense(params['width'], activation='relu')(x)\n"
        "    x = keras.layers.Dropout(0.3)(x)\n"
        "    return keras.Model(inputs, keras.layers.Dense(1, activation='sigmoid')(x))\n"
    )
    done = tuner("search", "--model", "my_model:build", "--data", "my_data:load", "-n", 3, *FAST)
    assert done.returncode == 0, done.stderr
    code = (
        "import keras, numpy as np, my_data; x, y = my_data.load();"
        "m = keras.saving.load_model('studies/my_data-my_model/best.keras');"
        "print(m.evaluate(x, (y == 'yes').astype(int), verbose=0)[1])"
    )
    opened = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert 0 < float(opened.stdout) <= 1, opened.stderr


def test_a_saved_keras_model_can_be_searched(npz, place, capsys):
    import keras

    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3)]
    keras.Sequential([keras.Input((6,)), *layers]).save("mine.keras")
    command = ["search", "--data", str(npz), "--model", "mine.keras", "--epochs", "2", "-q"]
    assert run([*command, "--trials", "3"]) == 0
    assert (place / "studies" / "three-mine" / "best.keras").exists()
