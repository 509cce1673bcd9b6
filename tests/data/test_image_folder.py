"""Folders of classes of images: what is read, in which order, and what is refused by its name."""

from pathlib import Path

import numpy as np
import pytest
from _images import GIF, bmp, classes, folder, image, jpg, png

from tuner.data.dataset import Dataset
from tuner.data.image_folder import is_image_folder, read_images
from tuner.data.loading import open_dataset
from tuner.data.settings import DataSettings, SplitSettings, TableSettings
from tuner.errors import UsageError

PETS = classes()


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def opened(name="pets", size=None, **others) -> Dataset:
    settings = DataSettings(name, table=TableSettings(image_size=size), as_given=True, **others)
    return open_dataset(settings)


def rows(dataset):
    """What each part holds: the first byte of each image by its class."""
    data = dataset.train_validation
    parts = (data.train, data.validation, dataset.test)
    return [{(int(x[0, 0, 0]), str(y)) for x, y in zip(p.x, p.y, strict=True)} for p in parts]


def refusal(files, **others):
    folder_of = folder(Path("pets"), files)
    with pytest.raises(UsageError) as raised:
        opened(str(folder_of), **others)
    return str(raised.value)


def test_classes_are_the_names_of_folders_and_images_stay_with_theirs(place):
    folder(place / "pets", PETS | {"dog/older/9.JPEG": jpg(image(19)), "dog/.hidden.png": b""})
    dataset = opened(split=SplitSettings(validation_split=0.3, test_split=0.3))
    assert dataset.train_validation.classes == ("cat", "dog")
    assert dataset.train_validation.train.x.dtype == "uint8"
    expected = {(k, "cat") for k in range(6)} | {(k, "dog") for k in (*range(10, 16), 19)}
    assert set.union(*rows(dataset)) == expected


def test_folders_of_parts_are_the_parts(place):
    files = {f"train/{name}": content for name, content in classes(4).items()}
    files |= {f"valid/{name}": content for name, content in classes(2).items()}
    files |= {f"test/{name}": content for name, content in classes(1).items()}
    folder(place / "pets", files)
    train, validation, test = rows(opened())
    assert (len(train), len(validation), len(test)) == (8, 4, 2)
    assert test == {(0, "cat"), (10, "dog")}
    notes = opened().train_validation.notes
    assert "parts as the data bring: 8 train, 4 validation, 2 test rows" in notes


def test_a_class_may_be_called_train(place):
    folder(place / "vehicles", classes(names=("bus", "test", "train")))
    assert opened("vehicles").train_validation.classes == ("bus", "test", "train")


@pytest.mark.parametrize("size", [(4, 6), (1, 1)])
def test_every_kind_is_decoded_to_the_bytes_that_it_holds(place, size):
    last = GIF if size == (1, 1) else png(image(70, size))
    files = {"a/0.png": png(image(50, size)), "b/0.bmp": bmp(image(60, size)), "b/2.gif": last}
    folder(place / "train", files | {"a/1.jpg": jpg(image(50, size))})
    data = read_images(place / "train", TableSettings())
    assert data.x.shape == (4, *size, 3)
    red = (255, 0, 0) if size == (1, 1) else (70, 70, 70)
    found = [tuple(map(int, x[0, 0])) for x in data.x]
    assert found == [(50, 50, 50), (50, 50, 50), (60, 60, 60), red]
    assert "of a .gif the first image is taken" in data.notes


def test_grey_among_colour_is_said_and_grey_alone_stays_grey(place):
    files = classes(channels=1)
    folder(place / "grey", files)
    assert opened("grey").train_validation.train.x.shape[1:] == (4, 5, 1)
    mixed = files | {"dog/9.png": png(image(90)), "dog/8.png": png(image(80, channels=4))}
    folder(place / "mixed", mixed)
    data = opened("mixed").train_validation
    assert data.train.x.shape[1:] == (4, 5, 3)
    assert (data.train.x == data.train.x[..., :1]).all()
    assert any(note.startswith("12 grey images among coloured") for note in data.notes)
    assert any(note.startswith("1 images lose their transparency") for note in data.notes)


def test_another_size_is_refused_by_name_and_resized_where_asked(place):
    text = refusal(PETS | {"dog/1.png": png(image(11, (8, 5)))})
    assert "dog/1.png: has 8x5 pixels" in text
    assert "--image-size 4x5" in text
    data = opened(size="8x8").train_validation
    assert data.train.x.shape[1:] == (8, 8, 3)
    assert "12 images are resized, without regard to their proportions" in data.notes
    assert {value for value, _ in rows(opened(size="4x5"))[0]} <= {*range(6), *range(10, 16)}


BAD = {
    "text that is called an image": ({"dog/1.png": b"no image"}, "dog/1.png: is no image"),
    "an empty file": ({"cat/2.png": b""}, "cat/2.png: is no image"),
    "a half": (
        {"cat/1.jpg": jpg(np.arange(3072, dtype="uint8").reshape(32, 32, 3))[:500]},
        "1.jpg",
    ),
    "a kind that is not read": ({"cat/9.webp": b""}, "cat/9.webp: is no jpg, png, bmp or gif"),
    "an image beside the classes": ({"9.png": png(image(0))}, "in no folder of a class"),
    "a part of no classes": ({"train/cat/1.png": b"", "test/1.png": b""}, "in no folder of a cl"),
    "a folder beside parts": ({"train/cat/1.png": b"", "test/cat/1.png": b""}, "is beside train/"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_folder_of_images_is_refused_by_name(case):
    files, told = BAD[case]
    with_classes = {} if case == "a part of no classes" else PETS
    assert told in refusal(with_classes | files)


def test_other_files_are_left_out_and_said(place):
    folder(place / "pets", PETS | {"cat/labels.txt": b"x"})
    assert (
        "1 files that are no images are left out: pets/cat/labels.txt"
        in opened().train_validation.notes
    )


def test_one_class_and_a_class_that_only_the_test_part_has_are_refused(place):
    assert "class" in refusal(classes(names=("cat",)))
    files = {f"train/{name}": content for name, content in PETS.items()}
    folder(place / "owls", files | {"test/owl/1.png": png(image(1))})
    with pytest.raises(UsageError, match="owl"):
        opened("owls")


def test_a_folder_wins_over_a_data_set_of_its_name_and_only_one_of_images(place):
    folder(place / "digits", PETS)
    assert "the folder digits that is here" in str(opened("digits").train_validation.notes)
    folder(place / "noisy_digits", {"notes.txt": b""})
    assert opened("noisy_digits").train_validation.train.x.shape[1:] == (8, 8, 1)


def test_a_changed_image_is_decoded_again(place):
    folder(place / "pets", PETS)
    before = opened()
    assert opened().fingerprint == before.fingerprint
    folder(place / "pets", {"dog/1.png": png(image(77))})
    assert 77 in {value for part in rows(opened()) for value, _ in part}
    assert opened().fingerprint != before.fingerprint
    assert len(list((place / "cache" / "dropout-tuner").glob("*.npy"))) == 1


@pytest.mark.parametrize("option", [{"target": "x"}, {"table": TableSettings(missing="drop")}])
def test_options_of_tables_are_refused(place, option):
    folder(place / "pets", PETS)
    with pytest.raises(UsageError, match="is for tables, and this is none"):
        open_dataset(DataSettings("pets", **option))


def test_without_a_model_of_ones_own_bytes_are_divided(place):
    folder(place / "pets", PETS)
    data = open_dataset(DataSettings("pets")).train_validation
    assert data.train.x.dtype == "float32"
    assert set(np.unique(np.round(data.train.x * 255))) <= {*range(6), *range(10, 16)}


def test_a_folder_of_everything_is_not_searched_to_its_end(place, monkeypatch):
    for i in range(5):
        folder(place / "home", {f"docs/{i}.txt": b"", "pets/z.png": png(image(1))})
    assert is_image_folder(place / "home")
    monkeypatch.setattr("tuner.data.image_folder._LOOK", 5)
    assert not is_image_folder(place / "home")
