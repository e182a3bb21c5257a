"""What is asked of a state has one answer, wherever it is asked."""

import pytest

from argo_tradervue_plugin.outbox.records import State, outcome_of

QUESTIONS = (
    "is_pending",
    "is_under_way",
    "is_read_back",
    "is_parked",
    "is_aside",
    "is_left_out",
)
ANSWERS = {
    State.NEW: {"is_pending"},
    State.RECORDED: {"is_pending"},
    State.SENT: {"is_pending", "is_under_way"},
    State.IMPORTED: {"is_pending", "is_under_way"},
    State.LINKED: {"is_pending", "is_read_back"},
    State.SYNCED: {"is_read_back"},
    State.BASIC: {"is_parked", "is_aside"},
    State.QUARANTINED: {"is_parked", "is_aside", "is_left_out"},
    State.SKIPPED: {"is_aside", "is_left_out"},
    State.DISCARDED: {"is_aside", "is_left_out"},
}


@pytest.mark.parametrize("state", State)
def test_each_question_has_its_answer(state: State) -> None:
    """A new state has to be thought of here."""
    asked = {question for question in QUESTIONS if getattr(state, question)}

    assert asked == ANSWERS[state]


@pytest.mark.parametrize("state", State)
def test_a_state_is_synced_or_pending_or_aside(state: State) -> None:
    """Exactly one of them; the outcome of a trade says which."""
    is_synced = state is State.SYNCED

    assert [is_synced, state.is_pending, state.is_aside].count(True) == 1
    expected = "verified" if is_synced else "pending" if state.is_pending else state
    assert outcome_of([state]) == expected
