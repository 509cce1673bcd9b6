"""Finding study files, and laying the command line over them."""

import pytest

from tuner.errors import UsageError
from tuner.study import study_file

BUNDLED = ("noisy_digits", "digits", "mnist", "fashion_mnist", "cifar10")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_study_parses_under_its_name(name):
    assert study_file.read(name, {}).name == name


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_study_has_the_data_of_its_name(name):
    assert study_file.read(name, {}).data == name


def test_names_lists_the_studies_of_both_folders(here):
    write(here / "studies" / "mine.toml", "")
    assert {"mine", *BUNDLED} <= set(study_file.names())


def test_study_of_the_current_folder_comes_before_the_bundled_one(here):
    write(here / "studies" / "noisy_digits.toml", "[training]\nepochs = 3\n")
    assert study_file.read("noisy_digits", {}).training.epochs == 3
    assert study_file.read(None, {}).training.epochs == 3


def test_study_is_found_by_path_and_named_after_its_file(here):
    path = write(here / "elsewhere" / "mine.toml", "data = 'mnist'\n")
    definition = study_file.read(str(path), {})
    assert (definition.name, definition.data) == ("mine", "mnist")


def test_unknown_name_gives_no_definition():
    assert study_file.read("no-such-study", {}) is None


def test_missing_file_is_a_usage_error():
    with pytest.raises(UsageError, match=r"^elsewhere/mine\.toml: no such study file$"):
        study_file.read("elsewhere/mine.toml", {})


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "x" * 101])
def test_name_that_could_leave_the_folder_is_refused(name):
    with pytest.raises(UsageError, match="is no study name"):
        study_file.read(name, {})


@pytest.mark.parametrize("text", ["data = \n", "a = 1\na = 2\n", "{", "[space\n"])
def test_bad_toml_gives_one_line_with_the_file(here, text):
    write(here / "mine.toml", text)
    with pytest.raises(UsageError, match=r"^mine\.toml: not TOML: .+$") as caught:
        study_file.read("mine.toml", {})
    assert "\n" not in str(caught.value)


def test_file_that_is_no_text_is_not_toml(here):
    (here / "mine.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"^mine\.toml: not TOML"):
        study_file.read("mine.toml", {})


def test_bad_key_names_the_file(here):
    write(here / "studies" / "mine.toml", "[training]\nepoch = 3\n")
    with pytest.raises(UsageError, match=r"mine\.toml: unknown key 'training.epoch'"):
        study_file.read("mine", {})


def test_name_key_is_refused(here):
    write(here / "mine.toml", "name = 'other'\n")
    with pytest.raises(UsageError, match=r"^mine\.toml: unknown key 'name'"):
        study_file.read("mine.toml", {})


@pytest.mark.parametrize(
    ("key", "value"),
    [("search.trials", 3), ("training.epochs", 4), ("data", "mnist"), ("name", "other")],
)
def test_flag_overrides_the_file(key, value):
    definition = study_file.read("digits", {key: value})
    section, _, name = key.rpartition(".")
    assert getattr(getattr(definition, section, definition), name) == value


def test_flags_of_the_space_override_the_file():
    flags = {"space.variant": ("none", "alpha"), "space.width": (8,), "space.rate": 0.25}
    definition = study_file.read("digits", flags)
    assert definition.space.variant == ("none", "alpha")
    assert definition.space.axes == {"width": (8,), "depth": 2, "rate": 0.25}


def test_values_without_a_flag_stay_those_of_the_file(here):
    write(here / "mine.toml", "[training]\nepochs = 3\nbatch_size = 7\n")
    assert study_file.read("mine.toml", {"training.epochs": 4}).training.batch_size == 7


def test_bad_flag_names_the_command_line():
    with pytest.raises(UsageError, match=r"^command line: space\.rate: a rate is"):
        study_file.read("digits", {"space.rate": {"low": 0.0, "high": 1.0}})


def test_name_flag_names_a_file_whose_own_name_is_none(here):
    write(here / "my study.toml", "")
    assert study_file.read("my study.toml", {"name": "mine"}).name == "mine"


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ({}, "noisy_digits"),
        ({"training.epochs": 3}, "noisy_digits"),
        ({"data": "mnist"}, "mnist"),
        ({"data": "mnist", "model": "cnn"}, "mnist-cnn"),
        ({"model": "folder/my model.keras"}, "noisy_digits-my_model"),
        ({"data": "folder/prices (2024).csv"}, "prices__2024_"),
        ({"data": "package.my_module:load"}, "my_module"),
        ({"data": "_loaders:load"}, "loaders"),
        ({"data": "folder/_.csv"}, "data"),
        ({"data": "mnist", "name": "mine"}, "mine"),
    ],
    ids=str,
)
def test_without_a_study_the_name_follows_from_data_and_model(flags, name):
    assert study_file.read(None, flags).name == name


def test_named_study_keeps_its_name_with_other_data():
    assert study_file.read("digits", {"data": "mnist"}).name == "digits"


def test_another_model_without_a_study_does_not_get_the_widths_of_digits():
    assert "width" not in study_file.read(None, {"model": "cnn"}).space.axes
    assert study_file.read("digits", {"model": "cnn"}).space.axes["width"] == (64, 256, 512)


def test_files_that_a_study_names_are_beside_it_or_else_here(here):
    (here / "inner").mkdir()
    for name in ("inner/rows.csv", "rows.csv", "others.csv"):
        (here / name).write_text("a,b\n")
    write(here / "inner" / "mine.toml", 'data = "rows.csv"\n[table]\ntest = "others.csv"\n')
    found = study_file.read("inner/mine.toml", {})
    assert (found.data, found.table.test) == ("inner/rows.csv", "others.csv")
    assert study_file.read("inner/mine.toml", {"data": "rows.csv"}).data == "rows.csv"


def test_a_name_of_data_is_no_folder_of_results(here):
    (here / "studies" / "digits").mkdir(parents=True)
    (here / "studies" / "digits" / "study.toml").write_text("")
    write(here / "studies" / "mine.toml", 'data = "digits"\n')
    assert study_file.read("mine", {}).data == "digits"


def test_a_home_is_found_in_a_file_and_in_a_flag(here, monkeypatch):
    monkeypatch.setenv("HOME", str(here / "home"))
    (here / "home").mkdir()
    (here / "home" / "rows.csv").write_text("a,b\n")
    write(here / "mine.toml", 'data = "~/rows.csv"\n')
    assert study_file.read("mine.toml", {}).data == str(here / "home" / "rows.csv")
    assert study_file.read(None, {"data": "~/rows.csv"}).data == str(here / "home" / "rows.csv")


def test_a_file_that_is_nested_too_deeply_is_refused(tmp_path):
    file = tmp_path / "deep.toml"
    file.write_text(f"a = {'[' * 3000}{']' * 3000}\n")
    with pytest.raises(UsageError, match="nested too deeply"):
        study_file.read(str(file), {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[training]\nepochs = 1000000000000000000000", "training.epochs: expected less"),
        ("[training]\nbatch_size = 99999999999", "training.batch_size: expected less"),
        ("[search]\ntrials = 9223372036854775808", "search.trials: expected less"),
        ("[space]\nwidth = [-5, 8]", "width: expected numbers above 0"),
        ("[space]\nwidth = {low = 0, high = 8}", "width: expected numbers above 0"),
        ("[space]\nunits = 99999999999999999999", "units: no number of 64 bits"),
    ],
)
def test_numbers_that_nobody_means_are_refused_by_name(tmp_path, text, words):
    file = tmp_path / "large.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=words):
        study_file.read(str(file), {})


@pytest.mark.parametrize("text", ["width = [0.5, 1.0]", 'width = ["small", "large"]', "depth = 0"])
def test_a_width_may_be_a_share_or_a_name(tmp_path, text):
    file = tmp_path / "own.toml"
    file.write_text(f"[space]\n{text}")
    assert study_file.read(str(file), {})
