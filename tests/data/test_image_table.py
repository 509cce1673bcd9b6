"""Tables of images: bytes as Hugging Face writes them, or the names of files, with their labels."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from _images import folder, image, jpg, png

from tuner.data.files import read
from tuner.data.loading import open_dataset
from tuner.data.settings import DataSettings, SplitSettings, TableSettings
from tuner.errors import UsageError

N = 12
BYTES = [png(image(n)) for n in range(N)]
NAMES = ["cat", "dog"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def structs(images=BYTES):
    return [{"bytes": each, "path": f"{n}.png"} for n, each in enumerate(images)]


def written(path, metadata=None, **columns):
    path.parent.mkdir(exist_ok=True)
    table = pa.table(columns).replace_schema_metadata(metadata)
    pyarrow.parquet.write_table(table, path, row_group_size=5)
    return path


def values(x):
    return [int(each[0, 0, 0]) for each in x]


LABELS = [n % 2 for n in range(N)]
COLUMNS = {
    "structs and numbers": {"image": structs(), "label": LABELS},
    "the label first": {"label": LABELS, "img": structs()},
    "bytes and names": {"image": BYTES, "kind": [NAMES[n] for n in LABELS]},
    "numbers of a regression": {"image": BYTES, "age": [n + 0.5 for n in range(N)]},
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_bytes_of_a_parquet_file_are_images_and_keep_their_labels(place, kind):
    columns = COLUMNS[kind]
    raw = read(written(place / "pets.parquet", **columns), None)
    assert raw.x.dtype == "uint8"
    assert raw.x.shape == (N, 4, 5, 3)
    assert values(raw.x) == list(range(N))
    (target,) = (each for name, each in columns.items() if name not in ("image", "img"))
    assert raw.y.tolist() == target


def test_classes_of_hugging_face_have_their_names(place):
    features = {"label": {"names": NAMES, "_type": "ClassLabel"}, "image": {"_type": "Image"}}
    known = {"huggingface": json.dumps({"info": {"features": features}})}
    columns = {"image": structs(), "label": LABELS}
    raw = read(written(place / "pets.parquet", known, **columns), None)
    assert raw.y.tolist() == [NAMES[n] for n in LABELS]
    with pytest.raises(UsageError, match="-1 is the number of no class"):
        read(written(place / "none.parquet", known, **columns | {"label": [-1] * N}), None)


def test_files_of_a_folder_are_the_parts_that_they_are_called(place):
    for name, n in {"train-00000-of-00002": 8, "train-00001-of-00002": 4, "test-00000": 2}.items():
        labels = LABELS[:n]
        written(place / "pets" / f"{name}.parquet", image=structs(BYTES[-n:]), label=labels)
    raw = read(place / "pets", None)
    assert values(raw.x) == [*range(4, 12), *range(8, 12)]
    assert values(raw.x_test) == [10, 11]
    assert raw.y_test.tolist() == [0, 1]
    written(place / "pets" / "more.parquet", image=structs(), label=LABELS)
    with pytest.raises(UsageError, match=r"more.parquet: is none of train, validation and test"):
        read(place / "pets", None)


def test_files_without_parts_are_one(place):
    written(place / "pets" / "a.parquet", image=structs(), label=LABELS)
    written(place / "pets" / "b.parquet", image=structs(BYTES[:3]), label=LABELS[:3])
    raw = read(place / "pets", None)
    assert (values(raw.x)[-3:], raw.x_test) == ([0, 1, 2], None)


@pytest.mark.parametrize("absolute", [False, True])
def test_a_csv_of_paths_and_labels_is_one_of_images_beside_it(place, absolute):
    folder(place / "pets", {f"all/{n}.jpg": jpg(image(n)) for n in range(N)})
    base = f"{place}/pets/" if absolute else ""
    lines = [f"{base}all/{n}.jpg,{NAMES[n % 2]}" for n in range(N)]
    (place / "pets" / "list.csv").write_text("\n".join(["file,kind", *lines]))
    raw = read(place / "pets" / "list.csv", None)
    assert values(raw.x) == list(range(N))
    assert raw.y.tolist() == [NAMES[n % 2] for n in range(N)]
    assert "images are in column 'file'" in raw.notes
    folder(place / "pets", {"all/3.jpg": jpg(image(99))})
    assert 99 in values(read(place / "pets" / "list.csv", None).x)


def test_columns_that_say_the_part_or_the_group_are_no_features(place):
    parts = ["train"] * 8 + ["test"] * 4
    path = written(
        place / "p.parquet", image=BYTES, split=parts, owner=[n // 2 for n in range(N)], kind=LABELS
    )
    settings = DataSettings(
        str(path), split=SplitSettings(group="owner"), table=TableSettings(ignore=("split",))
    )
    assert open_dataset(settings).train_validation.n_train > 0
    plain = DataSettings(str(path), table=TableSettings(ignore=("owner",)), as_given=True)
    assert sorted(values(open_dataset(plain).test.x)) == [8, 9, 10, 11]


def test_rows_without_a_label_are_left_out_where_asked(place):
    labels = [None, *LABELS[1:]]
    path = written(place / "p.parquet", image=BYTES, kind=labels)
    with pytest.raises(UsageError, match=r"kind.*row 1"):
        read(path, None)
    raw = read(path, None, TableSettings(missing="drop"))
    assert values(raw.x) == list(range(1, N))
    assert raw.y.tolist() == LABELS[1:]


BAD = {
    "a column beside": (
        {"image": BYTES, "id": LABELS, "kind": LABELS},
        "--ignore id, or --ig",
    ),
    "no target": ({"image": BYTES}, "nothing to predict"),
    "two images": ({"a": BYTES, "b": BYTES, "kind": LABELS}, "--ignore all but one"),
    "a missing image": ({"image": [*BYTES[:-1], None], "kind": LABELS}, "row 12: has no image"),
    "no image": ({"image": [*BYTES[:-1], b"BM"], "kind": LABELS}, "row 12: is no image"),
    "a path without bytes": (
        {"image": [*structs()[:-1], {"bytes": None, "path": "a.png"}], "kind": LABELS},
        "row 12: has no image",
    ),
    "files that are not there": (
        {"image": [f"{n}.png" for n in range(N)], "kind": LABELS},
        "row 1: no file",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_table_of_images_is_refused(place, case):
    columns, told = BAD[case]
    with pytest.raises(UsageError) as raised:
        read(written(place / "p.parquet", **columns), None)
    assert told in str(raised.value)


def test_bytes_that_are_text_and_columns_that_are_ignored_are_no_images(place):
    text = written(place / "t.parquet", name=[b"red", b"blue"] * 6, kind=LABELS)
    with pytest.raises(UsageError, match="'name', row 1: holds binary"):
        read(text, None)
    path = written(place / "p.parquet", image=BYTES, size=list(np.arange(N) / 7), kind=LABELS)
    assert read(path, None, TableSettings(ignore=("image",))).x.shape == (N, 1)
