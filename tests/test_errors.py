"""Messages and exit codes of what can go wrong for a user."""

import errno
import json
import os
import subprocess
import sys

import pytest

from tuner import errors
from tuner.errors import UsageError, as_tuner_error, one_line, printable, unknown, with_place


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [("TunerError", 1), ("UsageError", 2), ("StoreError", 3), ("BudgetError", 4)],
)
def test_every_error_has_its_exit_code(error, exit_code):
    kind = getattr(errors, error)
    assert issubclass(kind, errors.TunerError)
    assert kind.exit_code == exit_code


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_what_a_disk_refuses_is_no_error_of_ours(number):
    told = as_tuner_error(OSError(number, os.strerror(number), "studies/mine"))
    assert isinstance(told, UsageError)
    assert str(told).startswith(f"studies/mine: {os.strerror(number)}")
    assert "an error in tuner?" in str(as_tuner_error(OSError(errno.EBADF, "bad", "x")))


def test_unknown_names_the_nearest_and_all_valid_names():
    message = unknown("variant", "gausian", {"none", "gaussian"})
    assert message == "unknown variant 'gausian'; did you mean 'gaussian'? (valid: gaussian, none)"


def test_unknown_gives_no_hint_where_nothing_is_near():
    assert unknown("variant", "xyz", ["none"]) == "unknown variant 'xyz' (valid: none)"


def test_unknown_says_that_there_are_no_valid_names():
    assert unknown("study", "digits", []) == "unknown study 'digits' (valid: none)"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("first\n  second\tthird"), "ValueError: first second third"),
        (KeyError("width"), "KeyError: 'width'"),
        (RuntimeError(), "RuntimeError"),
        (ValueError("\x1b[1mbold\x1b[0m and plain"), "ValueError: bold and plain"),
        (ValueError("no shape\n\nArguments received by Dense: x"), "ValueError: no shape"),
    ],
)
def test_one_line_gives_type_and_message_on_one_line(error, line):
    assert one_line(error) == line


def test_one_line_is_cut_at_the_limit():
    assert one_line(ValueError("x" * 1000), limit=50) == "ValueError: " + "x" * 38


def test_of_many_names_the_first_are_listed():
    assert len(unknown("column", "x", map(str, range(3000)))) < 300
    assert unknown("column", "x", map(str, range(3000))).endswith("and 2,960 more)")


def test_the_place_of_an_error_is_the_last_in_code_of_a_user_or_a_cell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file, place in [
        (tmp_path / "mine.py", "mine.py, line 2, in load"),
        ("/home/me/mine.py", "/home/me/mine.py, line 2, in load"),
        ("/tmp/ipykernel_7/9.py", "line 2 of its cell, in load"),
    ]:
        names = {}
        exec(compile("import json\ndef load(): json.loads('no')", str(file), "exec"), names)
        with pytest.raises(ValueError, match="char 0") as error:
            names["load"]()
        assert with_place(error.value).endswith(f"(char 0) ({place})")


def test_what_tensorflow_has_traced_has_its_place_in_the_text():
    traced = 'in user code:\n\n    File "/me/net.py", line 7, in call  *\n\n    ValueError: no\n'
    assert with_place(ValueError(traced)) == "ValueError: no (/me/net.py, line 7, in call)"


def test_an_error_in_a_library_alone_has_no_place():
    with pytest.raises(ValueError, match="char 0") as error:
        json.loads("no")
    assert with_place(error.value.with_traceback(error.tb.tb_next)) == one_line(error.value)


def test_nothing_in_a_line_commands_a_terminal():
    assert printable("a \x1b[31mred\x07\n b\u202e\u00e4") == "a \\x1b[31mred\\x07 b\\u202e\u00e4"


@pytest.mark.parametrize("text", ['{"floatx": "float128"}', "[]"])
def test_a_keras_json_that_keras_refuses_is_no_error_of_ours(tmp_path, text):
    (tmp_path / "keras.json").write_text(text)
    code = "from tuner.errors import as_tuner_error\ntry:\n import keras\n"
    code += "except Exception as error:\n print(as_tuner_error(error))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("keras.json, in KERAS_HOME or ~/.keras: ")


def test_a_name_that_is_valid_twice_is_listed_once():
    assert errors.unknown("study", "zz", ["b", "a", "b"]) == "unknown study 'zz' (valid: a, b)"
