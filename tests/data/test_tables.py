"""Tables: numbers as a matrix, columns by name, text as it is."""

import keras
import numpy as np
import pandas as pd
import pytest
from _fitted import L, dataset, fitted, net

from tuner.data._objects import from_object
from tuner.data.files import read
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings, SplitSettings
from tuner.errors import UsageError
from tuner.models.fitting import fit

N = 300
FRAME = pd.DataFrame(
    {
        "age": np.arange(N) % 50 + 20,
        "pay": np.linspace(1e3, 9e4, N),
        "town": np.array(["Rome", "Oslo", "Bath"])[np.arange(N) % 3],
    }
)
CLASSES = np.arange(N) % 2
TEXT = pd.DataFrame({"text": [f"film number {n} was fine" for n in range(N)]})


def by_column():
    age, town = keras.Input((1,), name="age"), keras.Input((1,), dtype="string", name="town")
    code = L.StringLookup(vocabulary=["Oslo", "Rome", "Bath"], output_mode="one_hot")(town)
    joined = L.Concatenate()([age, code])
    return keras.Model({"age": age, "town": town}, L.Dense(2)(joined))


def reader():
    vectors = L.TextVectorization(output_sequence_length=5, vocabulary=["film", "fine"])
    return net((), vectors, L.Embedding(50, 2), L.Flatten(), L.Dense(2), dtype="string")


def test_a_data_frame_is_a_matrix_for_a_model_of_one_input():
    found = fitted(net((5,), L.Dense(2)), (FRAME, CLASSES))
    assert found.data.features == ("age", "pay", "town_Bath", "town_Oslo", "town_Rome")
    assert found.data.train.x.shape[1:] == (5,)
    assert found.standardize


def test_a_data_frame_is_its_columns_for_a_model_with_an_input_for_each():
    found = fitted(by_column(), (FRAME, CLASSES))
    assert set(found.data.train.x) == {"age", "town"}
    assert found.data.train.x["age"].dtype.kind == "i"
    assert set(found.data.train.x["town"]) == {"Rome", "Oslo", "Bath"}
    assert any("several arrays" in note for note in found.notes)
    assert found.notes[-1] == "columns that the model does not take: pay"


def test_a_file_is_its_columns_too(tmp_path):
    FRAME.assign(y=CLASSES).to_csv(tmp_path / "table.csv", index=False)
    settings = DataSettings("table.csv", as_given=True)
    given = prepare(read(tmp_path / "table.csv", None), settings).train_validation
    found = fit(by_column(), given, SplitSettings(), "mine", "my:net")
    assert set(found.data.train.x) == {"age", "town"}


def test_a_column_of_text_reaches_a_model_of_text_as_it_is():
    found = fitted(reader(), (TEXT, CLASSES))
    assert found.data.train.x.shape == (found.data.n_train,)
    assert set(found.data.train.x) <= set(TEXT["text"])


def test_the_one_column_of_text_among_others_is_found():
    found = fitted(reader(), (TEXT.assign(age=FRAME["age"]), CLASSES))
    assert set(found.data.train.x) <= set(TEXT["text"])


def test_text_is_no_category_that_becomes_a_column_for_each_row():
    with pytest.raises(
        UsageError, match=r"column 'text' is text .*a model of yours that takes strings"
    ):
        fitted(net((N,), L.Dense(2)), (TEXT, CLASSES))
    assert dataset((FRAME, CLASSES)).train_validation.spec.input_shape == (5,)


def test_text_is_refused_by_the_built_in_models():
    with pytest.raises(UsageError, match=r"column 'text' is text .*--ignore text"):
        prepare(from_object((TEXT, CLASSES), "mine"), DataSettings("mine"))


def test_training_and_test_frames_have_their_categories_in_common():
    found = dataset(
        ((FRAME, CLASSES), (FRAME[FRAME.town == "Oslo"], CLASSES[FRAME.town == "Oslo"]))
    )
    assert found.test.x.matrix[:, 2:].tolist() == [[0, 1, 0]] * 100
