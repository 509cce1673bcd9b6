"""The engine: one program per structure, and what it must not do between trials."""

import keras
import pytest
from _nets import model, program, rebuilt, train, train_validation

from tuner.training.batches import Arrays
from tuner.training.loop import DivergedError, evaluate


def test_a_rate_zero_trains_like_no_dropout_bit_by_bit():
    data = train_validation()
    histories = [
        train(program(rebuilt(name, 0.0)), data)
        for name in ("none", "standard", "gaussian", "scheduled", "dropconnect")
    ]
    assert all(history == histories[0] for history in histories)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "adagrad", "nadam"])
def test_trials_of_equal_seed_on_one_program_have_equal_histories(optimizer):
    data = train_validation()
    engine = program(rebuilt(), optimizer=optimizer)
    first = train(engine, data)
    engine.load(rebuilt(rate=0.1))
    train(engine, data, seed=9, learning_rate=0.1)
    engine.load(rebuilt())
    assert train(engine, data) == first


def test_another_seed_gives_another_history():
    data = train_validation()
    engine = program(rebuilt())
    first = train(engine, data)
    engine.load(rebuilt())
    assert train(engine, data, seed=1) != first


def test_training_learns():
    data = train_validation()
    history = train(program(rebuilt()), data, epochs=15)
    assert history[-1]["val_accuracy"] > 0.9 > history[0]["train_accuracy"]


def test_evaluation_agrees_with_keras():
    data = train_validation()
    engine = program(rebuilt())
    train(engine, data)
    engine.model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss, accuracy = engine.model.evaluate(data.train.x, data.train.y, verbose=0)
    ours = evaluate(engine, Arrays.of(data.train), "train")
    assert ours == pytest.approx({"train_loss": loss, "train_accuracy": accuracy}, abs=1e-5)


@pytest.mark.slow
def test_training_agrees_with_model_fit_in_what_it_reaches():
    """Same model and data, no noise, other batch order: losses close after 20 epochs."""
    data = train_validation()
    ours = train(program(rebuilt("none", 0.0)), data, epochs=20)[-1]["val_loss"]
    other = model(mark=False)
    other.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    other.fit(data.train.x, data.train.y, batch_size=50, epochs=20, verbose=0)
    theirs = other.evaluate(data.validation.x, data.validation.y, verbose=0)
    assert ours == pytest.approx(theirs, abs=0.05)


def test_a_diverging_trial_says_when():
    data = train_validation("regression")
    engine = program(rebuilt("none", 0.0, of=model(1, None)), data, "rmse", "sgd")
    with pytest.raises(DivergedError, match=r"became (nan|inf) in epoch"):
        train(engine, data, epochs=20, learning_rate=1e6)


def test_on_epoch_can_stop_the_training():
    data, seen = train_validation(), []

    def stop(epoch, metrics):
        seen.append(epoch)
        if epoch == 3:
            raise StopIteration

    with pytest.raises(StopIteration):
        train(program(rebuilt()), data, epochs=10, on_epoch=stop)
    assert seen == [1, 2, 3]


def test_the_schedule_reaches_its_end_at_the_last_step():
    data = train_validation()
    steps = 4 * -(-len(data.train.x) // 50)
    first = rebuilt("scheduled", n_steps=steps)
    train(program(first), data, epochs=4)
    assert float(first.layers[0].progress()) == 1


def test_what_a_learned_rate_adds_to_the_loss_moves_it():
    """Concrete dropout on the same data: heavy weights lower the rate, heavy entropy raises it."""
    data, ends = train_validation(), {}
    for hps in ((3.0, 0.0), (0.0, 10.0)):
        first = rebuilt("concrete", 0.3, length_scale=hps[0], entropy_weight=hps[1])
        train(program(first, data), data, epochs=10)
        ends[hps] = first.variant.learned(first.layers[0])
    assert ends[3.0, 0.0] < 0.28
    assert ends[0.0, 10.0] > 0.32
