"""A definition -> a study in the store, with its trials queued."""

from collections.abc import Callable, Mapping, Sequence

from tuner.data.dataset import TrainValidation
from tuner.storage.connect import open_storage
from tuner.storage.exclusive import exclusive
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.search_space import SearchSpace
from tuner.study.studies import open_study
from tuner.study.trial_queue import count, requeue_dead


class Submission:
    """A study of the store, created or continued, and how many trials it is to have.

    `add` asks for that many more than were asked for before, instead of the definition's number;
    `notes` are what is said of data and model. What had failed before is tried as often as if it
    had not; `notice` is told of what is tried again.
    """

    def __init__(
        self,
        url: str,
        definition: StudyDefinition,
        space: SearchSpace,
        data: TrainValidation,
        fingerprint: str,
        add: int | None = None,
        patience: float = 0.0,
        notes: Sequence[str] = (),
    ) -> None:
        self._definition, self._space = definition, space
        store = open_storage(url, create=True, wait=patience, patience=patience)
        with exclusive(url):
            self.study = open_study(definition, fingerprint, store, _attrs(space, data, notes))
        requeue_dead(self.study)
        self.before = count(self.study)
        self.notice: Callable[[str], None] = lambda text: None
        self._since = self.before.total
        asked_before = max(self.before.finished, attrs.BUDGET.of(self.study.user_attrs) or 0)
        self._asked = definition.search.trials if add is None else asked_before + add

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to run."""
        return self.before.finished >= self._asked

    def fill(self) -> int:
        """Queue what is missing, and give the number of trials that the study will have."""
        given = (self.study, self._space, self._definition, self._asked, self.notice)
        budget = fill_queue(*given, since=self._since)
        budget = max(budget, self.before.finished)
        if attrs.BUDGET.of(self.study.user_attrs) != budget:
            attrs.BUDGET.set(self.study, budget)
        return budget


def once(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Tell nothing twice."""
    told = set[str]()

    def tell_once(text: str) -> None:
        if text not in told:
            told.add(text)
            tell(text)

    return tell_once


def _attrs(space: SearchSpace, data: TrainValidation, notes: Sequence[str]) -> Mapping[str, object]:
    """What the results of a study are read with."""
    return {
        **attrs.N_TRAIN.to(data.n_train),
        **attrs.N_VALIDATION.to(data.n_telling),
        **attrs.FIXED_PARAMS.to(space.fixed()),
        **attrs.WRITTEN_RATES.to(list(space.written_rates)),
        **attrs.CLASSES.to(data.classes),
        **attrs.FEATURES.to(data.features),
        **attrs.NOTES.to(list(notes)),
    }
