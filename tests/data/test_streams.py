"""tf.data sets: opened by part, trained in a loop, to the values of the same rows as arrays."""

import pytest
from _streams import LOADER, definition
from _trials import Trials

from tuner.data.loading import open_dataset, open_sealed
from tuner.errors import UsageError
from tuner.schema import ends
from tuner.training.batches import Arrays, Stream
from tuner.training.loop import evaluate
from tuner.workers.leader import search
from tuner.workers.messages import SearchRequest


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stream_data.py").write_text(LOADER)
    return tmp_path


def trainer(given, notice=lambda text: None):
    train_validation = open_dataset(given.data_settings).train_validation
    return Trials(given, train_validation, notice)


def test_what_a_stream_says_of_itself(place):
    dataset = open_dataset(definition("parts").data_settings)
    train_validation = dataset.train_validation
    assert [len(part.x) for part in (train_validation.train, train_validation.validation)] == [
        200,
        60,
    ]
    assert (train_validation.spec.input_shape, train_validation.spec.n_outputs) == ((6,), 3)
    assert (train_validation.spec.task, len(dataset.test.x)) == ("classification", 40)
    numbers = open_dataset(definition("numbers").data_settings).train_validation
    assert (numbers.spec.task, numbers.spec.n_outputs) == ("regression", 2)
    assert open_dataset(definition("parts").data_settings).fingerprint == dataset.fingerprint
    assert open_dataset(definition("numbers").data_settings).fingerprint != dataset.fingerprint


LONGER = ("concrete", "mc", "adversarial", "scheduled")
VARIED = [
    ("standard", "parts"),
    *(pytest.param(name, "parts", marks=pytest.mark.slow) for name in LONGER),
    *(pytest.param(name, "numbers", marks=pytest.mark.slow) for name in ("standard", "mc")),
]


@pytest.mark.parametrize(("variant", "function"), VARIED)
def test_a_stream_trains_repeatably_to_what_its_arrays_say(place, function, variant):
    given = definition(function, space={"variant": [variant], "width": [8], "depth": 1})
    notices = []
    streamed = trainer(given, notices.append)
    space, fed = streamed.recipes.resolved.space, streamed.trainer
    params = space.params_of(space.baseline(1)) | {"variant": variant, "rate": 0.2}
    for name, branch in space.branches.items():
        for hp, value in branch.hyperparameters.items():
            if name == variant:
                params[f"{name}.{hp}"] = ends(value.axis)[0]
    first, second = streamed.run(params, 3), streamed.run(params, 3)
    assert first == second
    assert first.value != streamed.run(params, 4).history[0][f"val_{fed.metric}"]
    assert notices == ["the data are tf.data sets: a loop over their batches, which is slower"]
    assert isinstance(fed._fold.train, Stream)
    program = fed._last
    evaluated = [evaluate(program, part, "all") for part in arrays(fed)]
    for part, expected in zip((fed._fold.train, fed._fold.validation), evaluated, strict=True):
        assert evaluate(program, part, "all") == pytest.approx(expected, rel=1e-5)


def arrays(fed):
    """The rows of both parts on the device."""
    for stream in (fed._fold.train, fed._fold.validation):
        ((x, y),) = stream.batches(1000)
        yield Arrays(x, y)


@pytest.mark.slow
def test_a_search_on_streams_ends_with_a_model(place):
    class Watch:
        def __init__(self):
            self.notices = []

        def __getattr__(self, name):
            return lambda *given: None

        def notice(self, text):
            self.notices.append(text)

    watch = Watch()
    results = search(
        SearchRequest(definition("parts"), f"sqlite:///{place}/s.db", place / "out"), watch
    )
    assert results.counts.finished == 5
    assert results.best.value > 0.6
    assert sum("tf.data" in text for text in watch.notices) == 1
    assert watch.notices[0].startswith("task classification")
    assert (place / "out" / "best.keras").exists()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("lacking", "expected a mapping of train, validation, test to data sets"),
        ("alone", r"expected a dataset of pairs \(x, y\)"),
        ("empty", "a part of the data is empty"),
    ],
)
def test_what_is_no_set_of_parts_is_refused(place, function, words):
    with pytest.raises(UsageError, match=words):
        open_dataset(definition(function).data_settings)


def test_a_size_takes_the_first_rows_for_a_search_and_its_comparison(place):
    settings = definition("parts", training={"train_size": 10}).data_settings
    for open_ in (open_dataset, open_sealed):
        train = open_(settings).train_validation.train
        whole = open_(definition("parts").data_settings).train_validation.train
        rows, all_rows = (
            [x.tolist() for x, _ in part.x.open().as_numpy_iterator()] for part in (train, whole)
        )
        assert len(train.x) == len(train.y) == 10
        assert rows == all_rows[:10]
        assert len(all_rows) > 10


@pytest.mark.parametrize("table", [{"search": {"folds": 2}}, {"training": {"order": "time"}}])
def test_what_has_been_split_is_split_no_further(place, table):
    with pytest.raises(UsageError, match="have been split: no folds, order"):
        open_dataset(definition("parts", **table).data_settings)
