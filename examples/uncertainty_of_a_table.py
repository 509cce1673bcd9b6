"""How far off a network is on your table of numbers, and whether it knows how far.

    python uncertainty_of_a_table.py concrete.csv --target strength --test-rows concrete-splits.npz

Monte Carlo dropout (Gal & Ghahramani 2016): the mean of noisy passes, beside the same network
without dropout. For each split rate and precision are chosen on a fifth of the rows, by log
likelihood; then all of them train the network again. Published splits are an .npz with an array of
test rows each (`--test-rows`); without, `--splits` random tenths. Prints RMSE and log likelihood
(mean and standard error over splits) and writes calibration.png: how many targets are within the
central intervals that should have 10 %, 20 %, ... of them.
"""

import argparse

import keras
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.special import logsumexp
from scipy.stats import norm

import tuner

TAUS = np.geomspace(1, 400, 25)  # precisions of standardized targets
LEVELS = np.linspace(0.1, 0.9, 9)


def network(n_inputs, width, rate, passes):
    layers = [keras.layers.Dropout(0.5), keras.layers.Dense(width, "relu")]
    layers += [keras.layers.Dropout(0.5), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((n_inputs,)), *layers])
    model = tuner.apply(model, variant="mc", rate=rate, passes=passes, task="regression")
    model.compile("adam", "mse")
    return model


def passes_of(x, y, new_x, rate, options, seed):
    """Noisy answers [passes, rows] for new rows, of a network that x and y have trained."""
    keras.utils.set_random_seed(seed)
    x_mean, x_std, y_mean, y_std = x.mean(axis=0), x.std(axis=0), y.mean(), y.std()
    x_std[x_std == 0] = 1
    model = network(x.shape[1], options.width, rate, options.passes)
    own, batch = ((x - x_mean) / x_std, (y - y_mean) / y_std), options.batch_size
    model.fit(*own, epochs=options.epochs, batch_size=batch, verbose=0)
    rows, n = (new_x - x_mean) / x_std, options.passes if rate else 1
    answers = [np.asarray(model.layers[-1].sample(rows, number))[:, 0] for number in range(n)]
    return np.stack(answers) * y_std + y_mean


def log_likelihood(answers, y, tau):
    """Of rows, with a normal noise of precision tau around each pass."""
    return np.mean(logsumexp(norm.logpdf(y, answers, tau**-0.5), axis=0) - np.log(len(answers)))


def covered(answers, y, tau):
    """The share of targets within the central interval of each level."""
    below = norm.cdf(y, answers, tau**-0.5).mean(axis=0)
    return [np.mean(abs(below - 0.5) <= level / 2) for level in LEVELS]


def measured(x, y, test, rates, options, seed):
    """RMSE, log likelihood, shares covered of test rows; rate and tau are chosen on others."""
    train = np.setdiff1d(np.random.default_rng(seed).permutation(len(y)), test, assume_unique=True)
    fifth = len(train) // 5
    own, judge = train[fifth:], train[:fifth]
    taus, chosen = TAUS / np.var(y[train]), []
    for rate in rates:
        answers = passes_of(x[own], y[own], x[judge], rate, options, seed)
        chosen += [(log_likelihood(answers, y[judge], tau), rate, tau) for tau in taus]
    _, rate, tau = max(chosen)
    answers = passes_of(x[train], y[train], x[test], rate, options, seed)
    rmse = np.sqrt(np.mean((answers.mean(axis=0) - y[test]) ** 2))
    return rmse, log_likelihood(answers, y[test], tau), covered(answers, y[test], tau)


def rate(text):
    """A rate of dropping, between 0 and 1."""
    if not 0 < float(text) < 1:
        raise ValueError(text)
    return float(text)


def parsed(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", help="a CSV of numbers")
    parser.add_argument("--target", help="its column (default: the last)")
    parser.add_argument("--test-rows", help="published splits: an .npz, an array of rows each")
    parser.add_argument("--splits", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--rates", type=rate, nargs="+", default=[0.005, 0.01, 0.05, 0.1])
    parser.add_argument("--width", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--passes", type=int, default=100)
    parser.add_argument("--picture", default="calibration.png")
    return parser.parse_args(arguments)


def numbers(options):
    """The table without its target, and that; ValueError where a cell is no number."""
    table = pd.read_csv(options.table)
    target = options.target or table.columns[-1]
    if target not in table:
        raise ValueError(
            f"{options.table} has no column {target!r}, only {', '.join(table.columns)}"
        )
    found = table.apply(pd.to_numeric, errors="coerce")
    bad = [name for name in table.columns if not np.all(np.isfinite(found[name]))]
    if bad:
        raise ValueError(f"{options.table}: no number, or none that is finite, in {', '.join(bad)}")
    if found[target].nunique() < 2:
        raise ValueError(f"{options.table}: {target} has the same value in each row")
    return found.drop(columns=target).to_numpy(float), found[target].to_numpy(float)


def splits_of(options, n):
    """The rows that each split tests on."""
    if options.test_rows:
        splits = [*np.load(options.test_rows).values()][: options.splits]
    else:
        orders = [np.random.default_rng(seed).permutation(n) for seed in range(options.splits)]
        splits = [order[: n // 10] for order in orders]
    few = all(0 < len(rows) <= n // 2 for rows in splits)
    if not (splits and few and all(0 <= min(rows) <= max(rows) < n for rows in splits)):
        raise ValueError(f"each split has to test on 1 to {n // 2} of the rows 0 to {n - 1}")
    return splits


def main(arguments=None):
    options = parsed(arguments)
    try:
        x, y = numbers(options)
        splits = splits_of(options, len(y))
    except (OSError, ValueError) as error:
        raise SystemExit(f"error: {error}") from None
    figure = Figure(figsize=(4, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#222222", linestyle="dotted")
    for name, rates, color in (("no dropout", [0.0], "#808080"), ("mc", options.rates, "#0072B2")):
        found = [measured(x, y, test, rates, options, k) for k, test in enumerate(splits)]
        for at, title in enumerate(("RMSE", "log likelihood")):
            values = [each[at] for each in found]
            spread = np.std(values, ddof=1) / len(values) ** 0.5 if len(values) > 1 else np.nan
            print(f"{name}: {title} {np.mean(values):.2f} ± {spread:.2f} ({len(values)} splits)")
        shares = np.mean([each[2] for each in found], axis=0)
        axes.plot(LEVELS, shares, "o-", color=color, label=name)
    axes.set(xlabel="should be within", ylabel="is within", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(options.picture, dpi=200)


if __name__ == "__main__":
    main()
