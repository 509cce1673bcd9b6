"""Is 0.2 to 0.5 right? The rates of all parts beside the article's range."""

from collections.abc import Mapping, Sequence

from evidence import saying, written
from evidence.setting import Setting

TITLE = "Is 0.2 to 0.5 right?"
LOW, HIGH = 0.2, 0.5
LOSS = 0.5
"""Points that a rate may cost against the best, and still be safe."""

TEXT = f"""\
The article advises rates of 0.2 to 0.5. The *best* rate is the one that was chosen on validation
rows, 0 where none was better there; *safe* are it and its neighbours whose mean on the test rows
is less than {LOSS:g} points below its own. Gains are points of accuracy, for concrete and yacht
percent of the RMSE. The sentences are about standard dropout, where several rates were tried.
"""


def judged(settings: Sequence[Setting]) -> list[Setting]:
    """Those that the sentences are about."""
    return [each for each in settings if each.kind == "standard" and len(each.gains) > 1]


def said(settings: Sequence[Setting]) -> str:
    """How many settings have their best rate there, lose with a rate in it, gain at all."""
    own = judged(settings)
    if not own:
        return ""
    there = [each for each in own if LOW <= each.best <= HIGH]
    above = [each for each in own if each.best > HIGH]
    none = [each for each in own if each.best == 0]
    below = [each for each in own if 0 < each.best < LOW]
    tried = [each for each in own if each.within(LOW, HIGH)]
    worse = [each for each in tried if worst(each) < -LOSS]
    missed = [each for each in tried if closest(each) > LOSS]
    gains = [each for each in own if each.word == "helps"]
    text = (
        f"Of {saying.number(len(own), 'setting')} {len(there)} have their best rate within 0.2 to"
        f" 0.5, {len(above)} above it, {len(below)} below it, and in {len(none)} none is best."
        f" Dropout gains at all in {len(gains)} (95 % interval above 0). Some rate within 0.2 to"
        f" 0.5 is more than {LOSS:g} points worse than none in {len(worse)} of"
        f" {len(tried)}{_named(worse)}; even the best rate within it is more than {LOSS:g} points"
        f" below the best of all in {len(missed)}{_named(missed)}."
    )
    untried = [each for each in own if not each.within(LOW, HIGH)]
    none_tried = f"No rate within it was tried{_named(untried)}." if untried else ""
    return " ".join(each for each in (text, none_tried, saying.at_the_edge(own)) if each)


def worst(setting: Setting) -> float:
    """The least mean gain of the rates within the range."""
    return min(setting.mean(rate) for rate in setting.within(LOW, HIGH))


def closest(setting: Setting) -> float:
    """What the best of the rates within the range costs against the best of all."""
    most = max(setting.mean(rate) for rate in setting.within(LOW, HIGH))
    return setting.mean(setting.best) - most


def _named(settings: Sequence[Setting]) -> str:
    return f" ({saying.listed(each.name for each in settings)})" if settings else ""


def show(by_part: Mapping[str, Sequence[Setting]]) -> str:
    """The section: what is said, then a line for each setting."""
    settings = [each for own in by_part.values() for each in own]
    rows = [
        (
            each.name,
            each.kind,
            ", ".join(f"{rate:g}" for rate in sorted(each.gains)),
            f"{each.best:g}",
            saying.gain(each),
            saying.span(each.near(LOSS)),
            written_worst(each),
        )
        for each in settings
    ]
    header = (
        "setting",
        "dropout",
        "rates tried",
        "best",
        "gained at the rate chosen",
        "safe",
        "worst within 0.2 to 0.5",
    )
    return f"{said(settings)}\n\n{written.table(header, rows)}"


def written_worst(setting: Setting) -> str:
    """The least mean gain within the range, - where none was tried."""
    return written.signed(worst(setting)) if setting.within(LOW, HIGH) else "-"
