"""Sentences of what settings came to."""

from collections.abc import Iterable, Sequence

from evidence import written
from evidence.setting import Setting


def gain(setting: Setting, digits: int = 1) -> str:
    """What the rate that was chosen gains, with its interval."""
    return written.shown(setting.values(setting.chosen), 1, digits)


def counted(settings: Sequence[Setting], noun: str) -> str:
    """How many gain, how many lose, of how many that is not told."""
    words = [each.word for each in settings]
    helps, harms, open_ = (words.count(each) for each in ("helps", "harms", "not told"))
    text = f"Dropout gains in {helps} of {len(words)} {noun} (95 % interval above 0)"
    text += f", loses in {harms}" if harms else ", loses in none"
    return text + (f", and in {open_} the interval has 0 inside." if open_ else ".")


def extremes(settings: Sequence[Setting], digits: int = 1) -> str:
    """The largest and the smallest gain."""
    by_gain = sorted(settings, key=lambda each: each.mean(each.chosen))
    most, least = by_gain[-1], by_gain[0]
    return (
        f"The largest gain is {gain(most, digits)} points ({most.name}, rate {most.chosen:g}), the"
        f" smallest {gain(least, digits)} ({least.name}, rate {least.chosen:g})."
    )


def without_gain(settings: Sequence[Setting]) -> str:
    """Those that gain nothing that is told, by name; nothing where all gain."""
    unclear = [each.name for each in settings if each.word == "not told"]
    worse = [each.name for each in settings if each.word == "harms"]
    texts = []
    if worse:
        texts.append(f"It loses: {listed(worse)}.")
    if unclear:
        texts.append(f"No gain is shown: {listed(unclear)}.")
    return " ".join(texts)


def at_the_edge(settings: Sequence[Setting]) -> str:
    """Those whose best rate is the largest that was tried; nothing where there is none."""
    n = sum(each.best == max(each.gains) for each in settings)
    if not n:
        return ""
    return f"In {n} of {len(settings)} the best rate is the largest tried: more may gain more."


def span(numbers: Iterable[float]) -> str:
    """The ends of a range of rates, or the one that there is."""
    low, *_, high = [*sorted(numbers)] * 2
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def listed(names: Iterable[str]) -> str:
    """Names with semicolons, as they may have commas."""
    return "; ".join(names)


def number(count: int, noun: str) -> str:
    """`1 setting`, `2 settings`."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
