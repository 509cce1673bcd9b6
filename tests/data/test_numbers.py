"""Numbers as people write them; what is in doubt is refused with the first cell."""

import pytest
from _tables import opened

from tuner.errors import UsageError


def column(folder, cells, **said):
    rows = "".join(f"{cell};{n % 2}\n" for n, cell in enumerate(cells))
    return opened(folder, f"a;y\n{rows}", **said)


@pytest.mark.parametrize(
    ("cells", "numbers", "said"),
    [
        (["1", "+2", "-3"], [1, 2, -3], None),
        (["1e3", ".5", "5."], [1e3, 0.5, 5], None),
        (["0,126", "1,234", "-2,5"], [0.126, 1.234, -2.5], "decimal comma"),
        (["1,234.5", "2.25", "12,345,678"], [1234.5, 2.25, 12345678], "thousands"),
        (["1.234,5", "2,25", "12.345.678"], [1234.5, 2.25, 12345678], "decimal comma"),
        (["1 234,5", "2,25", "3"], [1234.5, 2.25, 3], "thousands"),
        (["1\u202f234", "5\u00a0678", "9"], [1234, 5678, 9], "thousands"),
        (["1'234.50", "2", "3"], [1234.5, 2, 3], "thousands"),
        (["12.5%", "3 %", "0"], [12.5, 3, 0], "signs"),
        (["12,5 %", "3 %", "7 %"], [12.5, 3, 7], "signs (%, $, ...) left out, decimal comma"),
        (["$1,234.50", "$2.00", "$3"], [1234.5, 2, 3], "signs"),
        (["-$5", "($1,200.5)", "$7"], [-5, -1200.5, 7], "parentheses are minus signs"),
        (["1,10,100", "22,00,000", "5"], [110100, 2200000, 5], "thousands"),
        (["\u22125", "6", "7"], [-5, 6, 7], "dashes are minus signs"),
        (["10 kg", "12.5 kg", "9kg"], [10, 12.5, 9], "'kg' left out"),
        (["'1'", "'2'", "'3'"], [1, 2, 3], "signs"),
        (["3 €", "4,5 €", "5 €"], [3, 4.5, 5], "signs"),
        (["001", "02", "3"], [1, 2, 3], "leading zeros"),
        (["true", "FALSE", "True"], [1, 0, 1], None),
    ],
)
def test_they_are_numbers_and_what_was_not_plain_is_said(tmp_path, cells, numbers, said):
    raw = column(tmp_path, cells)
    assert raw.x.matrix[:, 0].tolist() == numbers
    notes = [note for note in raw.notes if "column" in note]
    assert (said is None and not notes) or said in notes[0]


@pytest.mark.parametrize(("decimal", "number"), [(".", 1234), (",", 1.234)])
def test_thousands_or_decimals_are_asked_for(tmp_path, decimal, number):
    cells = ["1,234", "5,678", "9,012"]
    with pytest.raises(UsageError, match=r"row 1: '1,234' may have .* --decimal \. or , decides"):
        column(tmp_path, cells)
    assert column(tmp_path, cells, decimal=decimal).x.matrix[0, 0] == number


def test_another_column_tells_thousands_from_decimals(tmp_path):
    rows = "a;b;y\n1,234;0,5;0\n5,678;1,25;1\n"
    assert opened(tmp_path, rows).x.matrix.tolist() == [[1.234, 0.5], [5.678, 1.25]]
    rows = "a;b;y\n1,234;0.5;0\n5,678;1.25;1\n"
    assert opened(tmp_path, rows).x.matrix.tolist() == [[1234, 0.5], [5678, 1.25]]


def test_points_beside_decimal_commas_are_asked_for(tmp_path):
    rows = "a;b;y\n1.234;0,5;0\n5.678;1,25;1\n"
    with pytest.raises(UsageError, match=r"column 'a', row 1: '1.234' may have thousands"):
        opened(tmp_path, rows)
    assert opened(tmp_path, rows, decimal=",").x.matrix[0].tolist() == [1234, 0.5]


@pytest.mark.parametrize("bad", ["unknown", "1.2.3", "inf", "12:30", "1e", "#REF!"])
def test_one_cell_that_is_no_number_is_named_with_its_row(tmp_path, bad):
    with pytest.raises(UsageError, match=r"column 'a', row 3: .* is no number, .* --missing"):
        column(tmp_path, ["1", "2", bad, *"45678"])


def test_a_column_that_is_said_to_be_names_is_one(tmp_path):
    raw = column(tmp_path, ["1", "2", "B", *"1212"], category=("a",))
    assert raw.features == ("a_1", "a_2", "a_B")


def test_codes_that_are_mostly_letters_are_names(tmp_path):
    assert column(tmp_path, ["A1", "B2", "7", "A1"]).features == ("a_7", "a_A1", "a_B2")


def test_a_number_beyond_floats_is_refused(tmp_path):
    with pytest.raises(UsageError, match="row 2: 1e999 is too large"):
        column(tmp_path, ["1", "1e999", "2"])


@pytest.mark.parametrize("first", [2**70, 2**59])
def test_whole_numbers_that_floats_do_not_tell_apart_are_counted(tmp_path, first):
    raw = column(tmp_path, [f"{first + n}" for n in range(9)])
    assert "of 9 distinct numbers 1 are left" in raw.notes[-1]


@pytest.mark.parametrize("cells", [["10 kg", "22 lb"], ["18-25", "26-35"], ["5XL", "2L"]])
def test_units_that_differ_and_ranges_are_names(tmp_path, cells):
    assert column(tmp_path, cells).features == (f"a_{min(cells)}", f"a_{max(cells)}")


@pytest.mark.parametrize(
    ("cells", "signs"), [(["12%", "3%", "0.5"], "% and none"), (["$5", "6 €", "7"], "[$] and €")]
)
def test_numbers_of_several_signs_are_refused(tmp_path, cells, signs):
    with pytest.raises(UsageError, match=f"column 'a', row 1: some numbers .*{signs}"):
        column(tmp_path, cells)
