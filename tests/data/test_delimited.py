"""Text tables as people have them: each is read as the plain one, or refused by name."""

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from _tables import opened
from pydantic import ValidationError

from tuner.data.files import is_file
from tuner.data.settings import TableSettings
from tuner.errors import UsageError

N = 60
PLAIN = pd.DataFrame(
    {
        "a": np.random.default_rng(0).normal(size=N).round(3),
        "b": np.random.default_rng(1).normal(size=N).round(2),
        "y": np.arange(N) % 2,
    }
)
CSV = PLAIN.to_csv(index=False)
LINES = CSV.splitlines()


def zipped(text):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inner.csv", text)
        archive.writestr("__MACOSX/._inner.csv", "junk")
    return packed.getvalue()


def is_plain(raw):
    return np.array_equal(raw.x.matrix, PLAIN[["a", "b"]]) and list(raw.y) == list(PLAIN["y"])


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (CSV, "t.csv", None),
        (PLAIN.to_csv(index=False, sep=";"), "t.csv", "separator semicolon"),
        (PLAIN.to_csv(index=False, sep="\t"), "t.tsv", "separator tab"),
        (PLAIN.to_csv(index=False, sep="\t"), "t.csv", "separator tab"),
        (PLAIN.to_csv(index=False, sep="|"), "t.txt", "separator pipe"),
        (PLAIN.to_csv(index=False, sep=" "), "t.data", "separator space"),
        (PLAIN.to_csv(index=False, sep=";", decimal=","), "t.csv", "decimal comma"),
        (PLAIN.to_csv(index=False, sep="\t", decimal=","), "t.tsv", "decimal comma"),
        (PLAIN.to_csv(index=False, decimal=","), "t.csv", "decimal comma"),
        ("".join(f" {line}\n".replace(",", "   ") for line in LINES), "t.data", "separator space"),
        ("Report of May\n\n" + CSV, "t.csv", "above the header is left out: 'Report of May'"),
        (CSV + ",,\n,,\n", "t.csv", "rows without any value are left out (2)"),
        ("sep=;\n" + PLAIN.to_csv(index=False, sep=";"), "t.csv", "separator semicolon"),
        (CSV.encode("utf-8-sig"), "t.csv", None),
        (CSV.encode("utf-16"), "t.csv", "encoding utf-16"),
        (CSV.encode("utf-16-le"), "t.csv", "encoding utf-16-le"),
        (CSV.replace("\n", "\r\n"), "t.csv", None),
        (CSV.replace("\n", "\r"), "t.csv", None),
        (CSV.replace("\n", "\n\n"), "t.csv", None),
        ("# made by hand\n# twice\n" + CSV, "t.csv", "comments"),
        ("#" + CSV, "t.csv", None),
        (CSV.replace(",", ", "), "t.csv", None),
        (PLAIN.to_csv(index=False, quoting=1), "t.csv", None),
        ("\n".join(f"{line}," for line in LINES), "t.csv", "column 4 without name and values"),
        ("\n".join([LINES[0], *(f"{line}," for line in LINES[1:])]), "t.csv", "without name"),
        (PLAIN.to_csv(), "t.csv", "an index without a name"),
        (PLAIN.sample(frac=1, random_state=0).sort_index().to_csv(), "t.csv", "index"),
        (PLAIN.to_csv(index_label="Unnamed: 0"), "t.csv", "an index without a name"),
        (PLAIN.to_csv(index_label=False), "t.csv", "an index without a name"),
        (
            PLAIN.reset_index().to_csv().replace("index", "Unnamed: 0", 1),
            "t.csv",
            "column 2, an index",
        ),
        (gzip.compress(CSV.encode()), "t.csv.gz", "unpacked (gzip)"),
        (gzip.compress(CSV.encode()), "t.csv", "unpacked (gzip)"),
        (bz2.compress(CSV.encode()), "t.csv.bz2", "unpacked (bzip2)"),
        (lzma.compress(CSV.encode()), "t.csv.xz", "unpacked (xz)"),
        (pa.compress(CSV.encode(), "zstd", asbytes=True), "t.csv.zst", "unpacked (zstd)"),
        (zipped(CSV), "t.csv.zip", "unpacked (zip)"),
    ],
)
def test_it_is_read_as_the_plain_one_is_and_says_what_was_found(tmp_path, content, name, said):
    assert is_file(name)
    raw = opened(tmp_path, content, name)
    assert is_plain(raw)
    assert (said is None and not raw.notes) or any(str(said) in note for note in raw.notes)


def test_other_numbers_are_told_from_the_plain_ones(tmp_path):
    assert not is_plain(opened(tmp_path, CSV.replace("0.126", "0.127")))


@pytest.mark.parametrize("said", [{}, {"header": False}])
def test_no_row_is_lost_to_a_header_that_is_not_there(tmp_path, said):
    raw = opened(tmp_path, PLAIN.to_csv(index=False, header=False), **said)
    assert raw.features == ("column_1", "column_2")
    assert is_plain(raw)
    assert any("no header" in note for note in raw.notes) == (not said)


def test_a_header_of_years_is_one_where_a_name_stands_over_numbers(tmp_path):
    raw = opened(tmp_path, CSV.replace("a,b,y", "2019,2020,y", 1))
    assert raw.features == ("2019", "2020")


def test_a_header_of_years_and_a_name_over_classes_is_one_and_is_said(tmp_path):
    rows = "".join(f"{n}.5,{n},{'ab'[n % 2]}\n" for n in range(20))
    raw = opened(tmp_path, f"2019,2020,class\n{rows}")
    assert raw.features == ("2019", "2020")
    assert "taken for the header" in raw.notes[0]
    assert len(opened(tmp_path, f"2.5,2020,a\n{rows}").y) == 21


def test_columns_that_pandas_has_numbered_have_a_header(tmp_path):
    raw = opened(tmp_path, CSV.replace("a,b,y", "0,1,2", 1))
    assert raw.features == ("0", "1")
    assert is_plain(raw)


def test_names_alone_are_rows_where_they_come_again(tmp_path):
    assert len(opened(tmp_path, "red,no\nblue,yes\nred,yes\nblue,no\n").y) == 4
    raw = opened(tmp_path, "colour,kind\nblue,yes\nred,yes\nblue,no\n")
    assert len(raw.y) == 3
    assert "taken for the header (--no-header)" in raw.notes[0]


def test_a_missing_first_cell_is_no_header(tmp_path):
    assert opened(tmp_path, "?,1,0\n1,2,1\n3,4,0\n", missing="drop").y.tolist() == [1, 0]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_letters_of_western_europe_are_read_and_said(tmp_path, encoding):
    text = "town,y\n" + "zürich,0\ngenève,1\n" * 5
    raw = opened(tmp_path, text.encode(encoding))
    assert raw.features == ("town_genève", "town_zürich")
    assert "encoding cp1252" in raw.notes[0]
    assert "zürich" in raw.notes[0]


def test_another_encoding_is_said_by_the_user(tmp_path):
    raw = opened(tmp_path, ("имя,y\n" + "Жук,0\nЁж,1\n" * 5).encode("cp1251"), encoding="cp1251")
    assert raw.features == ("имя_Ёж", "имя_Жук")


def test_line_breaks_and_quotes_in_cells_are_kept(tmp_path):
    raw = opened(tmp_path, 'c,y\n"a\nb",0\n"say ""c""",1\n"a\nb",1\n')
    assert raw.features == ("c_a\nb", 'c_say "c"')
    assert len(raw.y) == 3


def test_columns_of_one_name_are_told_apart_and_said(tmp_path):
    raw = opened(tmp_path, "a,a,y\n1,2,0\n3,4,1\n")
    assert raw.features == ("a", "a.1")
    assert "named 'a'" in raw.notes[0]


@pytest.mark.parametrize(
    ("content", "said", "message"),
    [
        ("a,y\n1,2\n1,2,3\n4,5\n", {}, "expected 2 cells in each row, got 3 in '1,2,3'"),
        ("a;b,y\nu;v,w\nw;x,v\n", {}, "cells may end at a comma or semicolon: --separator decides"),
        ("a,y\n\0\0,2\n", {}, "is no text"),
        ("a,y\n1,2\n", {"encoding": "utf-99"}, "is no text in utf-99"),
        ("ä,y\n1,2\n".encode("latin-1"), {"encoding": "utf-8"}, "is no text in utf-8"),
        ("\n\n", {}, "it is empty"),
        ("a;b;y\n1;2;0\n1;2\n3;4;1\n5;6;0\n", {}, "expected 3 cells in each row, got 2 in '1;2'"),
        ("<!DOCTYPE html><p>404</p>", {}, "is no table but a web page"),
        ("version https://git-lfs.github.com/spec/v1\noid a\n", {}, "git lfs pull"),
        (zipped("")[:20], {}, "cannot be read"),
        (gzip.compress(CSV.encode())[:40] + b"no more", {}, "cannot be read"),
        (gzip.compress(CSV.encode())[:-90] + bytes(90), {}, "cannot be read"),
        (lzma.compress(CSV.encode())[:40] + bytes(90), {}, "cannot be read"),
    ],
    ids=map(str, range(13)),  # what is packed has the time in it
)
def test_what_cannot_be_read_says_why(tmp_path, content, said, message):
    with pytest.raises(UsageError, match=message):
        opened(tmp_path, content, **said)


def test_a_separator_that_is_given_is_not_looked_for(tmp_path):
    raw = opened(tmp_path, "a;b,y\nu;v,0\nw;x,1\n", separator="comma")
    assert raw.features == ("a;b_u;v", "a;b_w;x")


def test_quotes_inside_of_texts_merge_no_rows(tmp_path):
    lines = [
        f"{'spam' if n % 2 else 'ham'}\t{'' if n % 5 else chr(34)}call me {n}" for n in range(9)
    ]
    raw = opened(tmp_path, "kind\ttext\n" + "\n".join(lines) + "\n", "t.tsv", target="kind")
    assert len(raw.y) == 9
    assert any("a part of the cells" in note for note in raw.notes)
    assert raw.x.columns["text"][0] == '"call me 0'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_break_in_a_cell_is_one_though_both_lines_could_be_rows(tmp_path, end):
    rows = [f"text {n},{n % 2}" for n in range(6)]
    rows[3:4] = ['"two, say ""so"" and', 'more of it",1']
    raw = opened(tmp_path, end.join(["text,y", *rows, ""]), target="y")
    assert len(raw.y) == 6
    assert any("two by two one row" in note for note in raw.notes)
    assert not any("a part of the cells" in note for note in raw.notes)


@pytest.mark.parametrize(
    "halves", [('"call', "me"), ("call", 'me"'), ('call "', 'me"'), ('"call', 'me" now')]
)
def test_lines_with_one_quote_that_no_program_writes_are_rows(tmp_path, halves):
    lines = [f"{'spam' if n % 2 else 'ham'}\tcall me {n}" for n in range(9)]
    lines[3:5] = [f"spam\t{halves[0]}", f"ham\t{halves[1]}"]
    raw = opened(tmp_path, "kind\ttext\n" + "\n".join(lines) + "\n", "t.tsv", target="kind")
    assert len(raw.y) == 9


def test_a_tab_ends_cells_where_commas_might(tmp_path):
    rows = "".join(f"a\tb, c{n}\n" for n in range(9))
    assert "separator tab" in opened(tmp_path, f"k\tx, z\n{rows}", target="k").notes[0]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_written_in_any_dialect_is_read_as_it_was(tmp_path, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.choice([3, 10, 60]))
    table = pd.DataFrame(
        {
            "whole": rng.integers(-1000, 1000, n),
            "größe": rng.normal(size=n).round(rng.integers(1, 6)) * rng.choice([1, 1000]),
            "tiny": rng.normal(size=n) * 1e-9,
            "truth": rng.random(n) > 0.5,
            "town": rng.choice(["New York", "it's", "a|b"], n),
            "y": rng.choice(["yes", "NA", "None"], n),
        }
    )
    table = table[[*rng.permutation(table.columns[:-1]), "y"]]
    encoding = str(rng.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    text = table.to_csv(
        index=bool(rng.random() < 0.3),
        sep=str(rng.choice([",", ";", "\t"])),
        decimal=str(rng.choice([".", ","])),
        quoting=int(rng.integers(0, 3)),
    )
    raw = opened(tmp_path, text.encode(encoding))
    numbers = [name for name in table.columns if name not in ("town", "y")]
    assert raw.features[: len(numbers)] == tuple(numbers)
    np.testing.assert_allclose(raw.x.matrix[:, : len(numbers)], table[numbers].astype(float))
    assert list(raw.y) == list(table["y"])


def test_a_separator_that_the_header_has_too_is_the_better_one(tmp_path):
    rows = "".join(f"Hello, you {n};{'pos' if n % 2 else 'neg'}\n" for n in range(9))
    assert len(opened(tmp_path, f"text;label\n{rows}").x.columns["text"]) == 9


@pytest.mark.parametrize("said", [";", "semicolon"])
def test_a_separator_is_a_sign_or_its_name(tmp_path, said):
    assert opened(tmp_path, "a;b,c;y\n1;2;0\n3;4;1\n", separator=said).features == ("a", "b,c")


@pytest.mark.parametrize("said", ["||", "", "§", "comma "])
def test_what_is_no_separator_is_refused(said):
    with pytest.raises(ValidationError, match="expected one sign or comma, semicolon"):
        TableSettings(separator=said)
