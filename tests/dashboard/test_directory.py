"""What a store has, read in a few queries."""

import optuna
from _dashboard import begin_comparison, finish_comparison
from optuna.trial import TrialState
from simulated.stored import make_study

from tuner.dashboard.directory import listed
from tuner.study.studies import load_study
from tuner.study.trial_queue import count


def test_studies_are_counted_as_they_count_themselves(simulated):
    begin_comparison(simulated)
    finish_comparison(simulated, 2)
    found = listed(simulated.database)["simulated"]
    contest = found.contests["simulated/compare"]
    assert found.counts == count(load_study("simulated", simulated))
    assert contest.counts == count(load_study("simulated/compare", simulated))
    assert found.is_open
    assert contest.counts.complete == 2


def test_the_last_at_work_is_the_first_and_all_are_there(simulated):
    make_study(simulated.database.place.render_as_string(), 3, 2, name="later", hours=2)
    optuna.create_study(storage=simulated, study_name="of others/compare")
    found = listed(simulated.database)
    assert list(found) == ["later", "simulated", "of others/compare"]
    assert [bool(each.definition) for each in found.values()] == [True, True, False]


def test_a_state_is_another_when_a_trial_begins_or_ends(simulated):
    states = [listed(simulated.database)["simulated"].state]
    trial_id = simulated.create_new_trial(load_study("simulated", simulated)._study_id)
    states.append(listed(simulated.database)["simulated"].state)
    simulated.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.5])
    states.append(listed(simulated.database)["simulated"].state)
    assert len(set(states)) == 3
    assert listed(simulated.database)["simulated"].state == states[-1]
