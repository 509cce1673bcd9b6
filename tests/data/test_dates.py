"""Dates: refused until it is said what becomes of them, never a column for each."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from _tables import opened

from tuner.data.files import read
from tuner.data.settings import TableSettings
from tuner.errors import UsageError

DAY = 86400
WAYS = {
    "iso": "%Y-%m-%d",
    "slashes": "%Y/%m/%d",
    "with time": "%Y-%m-%dT%H:%M:%SZ",
    "zone": "%Y-%m-%d %H:%M:%S+00:00",
    "american": "%m/%d/%Y",
    "german": "%d.%m.%Y",
    "british": "%d/%m/%Y",
    "months": "%d %b %Y",
    "long months": "%B %d, %Y",
    "half days": "%Y-%m-%d %I:%M %p",
    "mail": "%a, %d %b %Y %H:%M:%S GMT",
}
DAYS = [dt.datetime(2020, 1, 20) + dt.timedelta(days=n) for n in range(30)]


def dated(folder, texts, **said):
    rows = "".join(f"{text};{n % 2}\n" for n, text in enumerate(texts))
    return opened(folder, f"when;y\n{rows}", **said)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_they_are_refused_with_the_option_and_become_seconds(tmp_path, way):
    texts = [day.strftime(way) for day in DAYS]
    with pytest.raises(UsageError, match=r"column 'when', row 1: .* are dates: --dates numeric"):
        dated(tmp_path, texts)
    raw = dated(tmp_path, texts, dates="numeric")
    seconds = [day.replace(tzinfo=dt.UTC).timestamp() for day in DAYS]
    assert raw.x.matrix[:, 0].tolist() == seconds


def test_parts_are_those_that_differ(tmp_path):
    raw = dated(tmp_path, [day.strftime("%Y-%m-%d") for day in DAYS], dates="parts")
    assert raw.features == ("when_month", "when_day", "when_weekday")
    assert raw.x.matrix[0].tolist() == [1, 20, 0]


def test_drop_leaves_them_out_and_says_so(tmp_path):
    raw = opened(tmp_path, "when,a,y\n2020-01-01,1,0\n2020-01-02,2,1\n", dates="drop")
    assert raw.features == ("a",)
    assert "'when': dates are left out" in raw.notes[0]


def test_day_and_month_that_may_be_either_are_refused(tmp_path):
    with pytest.raises(UsageError, match="'01/02/2020' and others may begin with the day or"):
        dated(tmp_path, ["01/02/2020", "03/04/2020"], dates="numeric")


def test_times_of_day_are_seconds_since_midnight(tmp_path):
    raw = dated(tmp_path, ["00:01", "12:30", "01:00"], dates="numeric")
    assert raw.x.matrix[:, 0].tolist() == [60, 45000, 3600]


def test_one_cell_that_is_no_date_is_named(tmp_path):
    with pytest.raises(UsageError, match="'soon' is no date, as most of the column are"):
        dated(tmp_path, ["2020-01-01", "2020-01-02", "soon", "2020-01-04"], dates="numeric")


def test_a_missing_date_is_a_missing_value(tmp_path):
    texts = ["2020-01-01", "", "2020-01-03"]
    with pytest.raises(UsageError, match="'when', row 2: no value"):
        dated(tmp_path, texts, dates="numeric")
    assert len(dated(tmp_path, texts, dates="numeric", missing="drop").y) == 2
    assert len(dated(tmp_path, texts, dates="parts", missing="impute").y) == 3


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_of_a_parquet_file_are_seconds_and_said(tmp_path, unit):
    when = pa.array(pd.to_datetime(DAYS), pa.timestamp(unit))
    table = pa.table({"when": when, "y": [n % 2 for n in range(30)]})
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    raw = read(tmp_path / "t.parquet", None)
    assert raw.x.matrix[1, 0] - raw.x.matrix[0, 0] == DAY
    assert "seconds since 1970" in raw.notes[0]
    raw = read(tmp_path / "t.parquet", None, TableSettings(dates="parts"))
    assert raw.features == ("when_month", "when_day", "when_weekday")
