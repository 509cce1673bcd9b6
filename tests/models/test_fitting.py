"""What a model gets of its data: what is standardized, what is left alone, and what is refused."""

import keras
import numpy as np
import pytest
from _fitted import (
    CLASSES,
    IDS,
    LABELS,
    NUMBERS,
    PIXELS,
    SPARSE,
    L,
    classifier,
    dataset,
    fitted,
    net,
    two_outputs,
)

from tuner.data._raw import RawData
from tuner.data.settings import SplitSettings
from tuner.errors import UsageError
from tuner.models.fitting import fit

NORMALIZATION = {"mean": [50.0] * 4, "variance": [81.0] * 4}


def embedding(shape=(6,), **how):
    return net(shape, L.Embedding(20, 2), L.Flatten(), L.Dense(3, "softmax"), **how)


def is_standardized(found):
    rows = found.data.train.x.astype("float64")
    return abs(rows.mean()) < 0.1 and abs(rows.std() - 1) < 0.1


def frozen():
    model = classifier()
    model.layers[-1].trainable = False
    return model


LEFT_ALONE = {
    "ids": (embedding(dtype="int32"), IDS, "whole numbers"),
    "ids of 64 bits": (embedding(), IDS.astype("int64"), "whole numbers"),
    "ids as floats": (embedding(), IDS.astype("float32"), "Embedding"),
    "an adapted Normalization": (
        net((4,), L.Normalization(**NORMALIZATION), L.Dense(3, "softmax")),
        NUMBERS,
        "Normalization",
    ),
    "a nested Rescaling": (
        net((8, 8, 3), net((8, 8, 3), L.Rescaling(1 / 255)), L.Flatten(), L.Dense(3)),
        PIXELS.astype("float32"),
        "Rescaling",
    ),
    "bytes and a Rescaling": (
        net((8, 8, 3), L.Rescaling(1 / 255), L.Flatten(), L.Dense(3)),
        PIXELS,
        "Rescaling",
    ),
    "a frozen layer": (frozen(), NUMBERS, "frozen"),
    "a compiled model": (
        classifier(compiled=SPARSE),
        NUMBERS,
        "compiled",
    ),
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_rows_that_standardization_would_spoil_stay_as_they_are_and_that_is_said(case):
    model, x, why = LEFT_ALONE[case]
    found = fitted(model, (x, CLASSES))
    assert not found.standardize
    assert found.data.scaling.mean is None
    assert why in found.notes[-1]
    assert set(found.data.train.x.ravel().tolist()) <= set(x.astype("float32").ravel().tolist())


def test_numbers_of_a_plain_model_that_is_not_compiled_are_standardized():
    found = fitted(classifier(), (NUMBERS, CLASSES))
    assert found.standardize
    assert is_standardized(found)
    assert "rows are standardized" in found.notes[-1]


def test_bytes_of_images_are_divided_by_255_and_standardized_where_the_study_says():
    model = classifier(PIXELS.shape[1:])
    found = fitted(model, (PIXELS, CLASSES))
    assert found.standardize == "pixels"
    np.testing.assert_allclose(np.sort(found.data.train.x, None)[[0, -1]], [0, 1], atol=1e-2)
    assert "rows are divided by 255" in found.notes[-1]
    again = fitted(model, (PIXELS, CLASSES), standardize="pixels")
    np.testing.assert_array_equal(again.data.train.x, found.data.train.x)
    assert is_standardized(fitted(model, (PIXELS, CLASSES), standardize=True))
    with pytest.raises(UsageError, match='"pixels" is for images of bytes'):
        fitted(classifier(), (NUMBERS, CLASSES), standardize="pixels")


def test_rows_of_weights_that_are_kept_stay_as_they_are_in_a_table_too():
    data = dataset(RawData(NUMBERS, CLASSES, is_file=True)).train_validation
    given = (data, SplitSettings(), "mine", "my:net")
    assert fit(classifier(), *given).standardize
    kept = fit(classifier(), *given, keeps_weights=True)
    assert not kept.standardize
    assert "weights of the model are kept" in kept.notes[-1]


def test_whole_numbers_keep_their_type_and_the_study_may_say_otherwise():
    assert fitted(embedding(), (IDS, CLASSES)).data.train.x.dtype == np.int32
    found = fitted(embedding(), (IDS, CLASSES), standardize=True)
    assert is_standardized(found)
    assert "as the study says" in found.notes[-1]


def test_a_table_of_a_file_is_standardized_for_a_compiled_model_too():
    model = classifier(compiled=SPARSE)
    assert is_standardized(fitted(model, RawData(NUMBERS, CLASSES, is_file=True)))


def test_a_network_of_keras_applications_gets_what_it_was_made_for():
    base = keras.Sequential([L.Dense(2)], name="mobilenetv2_1.00_32")
    found = fitted(net((4,), base, L.Dense(3)), (NUMBERS, CLASSES))
    assert "mobilenetv2_1.00_32 of keras.applications" in found.notes[-1]


TARGETS = {
    "an open end": (net((4,), L.Dense(1)), True),
    "a sigmoid end": (net((4,), L.Dense(1, "sigmoid")), False),
    "an Activation at the end": (net((4,), L.Dense(1), L.ReLU()), False),
    "a compiled model": (net((4,), L.Dense(1), compiled="mse"), False),
}


@pytest.mark.parametrize("case", TARGETS)
def test_targets_are_standardized_for_an_open_end_that_nobody_compiled(case):
    model, expected = TARGETS[case]
    y = NUMBERS[:, 0] / 100
    found = fitted(model, (NUMBERS, y))
    assert found.standardize_targets is expected
    assert found.data.spec.task == "regression"
    kept = set(found.data.train.y.ravel().tolist()) <= set(y.astype("float32").tolist())
    assert kept is not expected
    assert (found.data.scaling.y_scale == 1).all() is not np.bool_(expected)


def test_labels_of_which_a_row_has_several_are_neither_numbers_nor_one_class():
    found = fitted(net((4,), L.Dense(4, "sigmoid")), (NUMBERS, LABELS))
    assert (found.data.spec.task, found.data.spec.n_outputs) == ("multilabel", 4)
    assert found.data.train.y.dtype == np.float32
    assert set(found.data.train.y.sum(axis=1)) - {1}


def test_probabilities_of_classes_stay_what_they_are():
    soft = np.abs(NUMBERS[:, :3]) / np.abs(NUMBERS[:, :3]).sum(axis=1, keepdims=True)
    found = fitted(classifier(), (NUMBERS, soft))
    assert (found.data.spec.task, found.data.spec.n_outputs) == ("classification", 3)
    np.testing.assert_allclose(found.data.train.y.sum(axis=1), 1, rtol=1e-5)


def test_rows_without_targets_are_their_own():
    model = net((4,), L.Dense(2), L.Dense(4), compiled="mse")
    found = fitted(model, {"x": NUMBERS})
    np.testing.assert_array_equal(found.data.train.x, found.data.train.y)


COMPILED = {
    "classes as numbers from 1": (5, SPARSE, CLASSES + 1),
    "one-hot": (3, "categorical_crossentropy", np.eye(3)[CLASSES]),
    "one column": (3, SPARSE, CLASSES[:, None]),
    "names": (3, SPARSE, np.array(list("cab"))[CLASSES]),
    "grades as numbers": (1, "mse", CLASSES),
    "several labels": (4, "binary_crossentropy", LABELS),
    "several labels as floats": (4, "binary_crossentropy", LABELS.astype("float32")),
}
TASKS = {
    "grades as numbers": "regression",
    "several labels": "multilabel",
    "several labels as floats": "multilabel",
}


def test_shares_are_no_labels_that_could_be_right():
    model = net((4,), L.Dense(4, "sigmoid"), compiled="binary_crossentropy")
    found = fitted(model, (NUMBERS, NUMBERS / 100))
    assert found.data.spec.task == "own"
    assert found.notes[0] == "task own, as the loss and the outputs of the model say"


@pytest.mark.parametrize("case", COMPILED)
def test_the_targets_of_a_compiled_model_are_what_its_owner_gave(case):
    n_outputs, loss, y = COMPILED[case]
    found = fitted(net((4,), L.Dense(n_outputs), compiled=loss), (NUMBERS, y))
    assert found.data.spec.task == TASKS.get(case, "classification")
    train = found.data.train.y
    if case == "grades as numbers":
        y = y[:, None]  # as Keras makes it, to subtract it from a column of answers
    if case == "names":
        assert "a, b, c" in found.notes[-1]
        assert set(train.tolist()) == {0, 1, 2}
    else:
        assert train.shape[1:] == y.shape[1:]
        assert set(train.ravel().tolist()) == set(y.ravel().tolist())


def rare(n_rows, value=9):
    return np.where(np.arange(len(CLASSES)) < n_rows, value, CLASSES)


UNSPLIT = {
    "one row": ((NUMBERS, rare(1)), 1),
    "too few rows for folds": ((NUMBERS, rare(4)), 5),
    "a number of the test part": (((NUMBERS, CLASSES), (NUMBERS[:9], rare(9)[:9])), 1),
}


@pytest.mark.parametrize("case", UNSPLIT)
def test_whole_numbers_too_rare_for_classes_are_numbers_where_the_loss_says_so(case):
    loaded, folds = UNSPLIT[case]
    found = fitted(net((4,), L.Dense(1), compiled="mse"), loaded, folds=folds)
    assert found.data.spec.task == "regression"
    assert found.notes[0] == "task regression, as the loss and the outputs of the model say"
    for model in (net((4,), L.Dense(10), compiled=SPARSE), classifier()):
        with pytest.raises(UsageError, match=r"class .?9"):
            fitted(model, loaded, folds=folds)


def test_several_outputs_get_their_targets_by_name():
    y = {"price": NUMBERS[:, 0], "kind": np.array(list("cab"))[CLASSES]}
    found = fitted(two_outputs(), (NUMBERS, y))
    assert found.data.spec.task == "own"
    assert found.data.train.y["kind"].dtype == np.int32
    assert found.data.train.y["price"].dtype == np.float32
    assert found.data.spec.targets["price"].shape == ()


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64"])
def test_targets_for_each_pixel_keep_their_shape(dtype):
    masks = (PIXELS[..., :1] > 99).astype(dtype)
    model = net((8, 8, 3), L.Conv2D(1, 1, activation="sigmoid"), compiled="binary_crossentropy")
    found = fitted(model, (PIXELS, masks))
    assert found.data.spec.task == "own"
    assert found.data.train.y.shape[1:] == (8, 8, 1)
    assert found.data.train.y.dtype == ("float32" if dtype == "float64" else dtype)


@pytest.mark.parametrize("y", [CLASSES % 2 == 1, (CLASSES % 2).astype("float32")])
def test_two_classes_of_another_type_are_classes_for_a_loss_of_two_classes(y):
    loss = "binary_crossentropy"
    found = fitted(net((4,), L.Dense(1, "sigmoid"), compiled=loss), (NUMBERS, y))
    assert (found.data.spec.task, found.data.spec.n_outputs) == ("classification", 2)
    assert (found.data.train.y.dtype, found.data.train.y.ndim) == (np.int32, 1)
    shares = np.linspace(0, 1, len(NUMBERS))
    found = fitted(net((4,), L.Dense(1, "sigmoid"), compiled=loss), (NUMBERS, shares))
    assert found.data.spec.task == "regression"


class OwnSteps(keras.Sequential):
    def train_step(self, rows):
        return {}


@pytest.mark.parametrize("y", [NUMBERS[:, 0], CLASSES * 100])
def test_targets_of_steps_that_the_owner_wrote_are_exactly_what_was_given(y):
    model = OwnSteps([keras.Input((4,)), L.Dense(1)])
    model.compile(loss="mse")
    found = fitted(model, (NUMBERS, y))
    assert found.data.spec.task == "own"
    assert found.data.train.y.shape == (found.data.n_train,)
    assert found.data.train.y.dtype == (np.float32 if y.dtype == np.float64 else y.dtype)


def test_targets_far_from_zero_are_standardized_for_an_open_end_and_refused_for_a_compile():
    rows, targets = 1.7e9 + NUMBERS, 1.7e9 + 10 * NUMBERS.sum(axis=1)
    found = fitted(net((4,), L.Dense(1)), (rows, targets))
    assert is_standardized(found)
    assert abs(float(found.data.train.y.std()) - 1) < 1e-5
    with pytest.raises(UsageError, match="in float32, in which networks compute"):
        fitted(net((4,), L.Dense(1), compiled="mse"), (NUMBERS, 1.7e9 + NUMBERS[:, 0] / 9))
    normal = L.Normalization(mean=[1.7e9] * 4, variance=[1.0] * 4)
    left = fitted(net((4,), normal, L.Dense(1)), (rows, NUMBERS[:, 0]))
    assert any("tells fewer apart: x[..., 0]" in note for note in left.notes)


def test_classes_of_a_compiled_model_that_become_numbers_are_said():
    grades = CLASSES + 1.0
    found = fitted(classifier(compiled=SPARSE), (NUMBERS, grades))
    assert set(found.data.train.y.tolist()) == {0, 1, 2}
    assert found.notes[-1] == "classes are numbers in the order of their names: 1, 2, 3"
