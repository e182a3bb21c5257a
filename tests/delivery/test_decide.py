"""What becomes of executions that the journal does not show: examples, then any."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.delivery.decide import (
    PATIENCE,
    UNKNOWN_PATIENCE,
    Sending,
    Verdict,
    again,
    may_be_stored,
    next_look,
    verdict,
)
from argo_tradervue_plugin.delivery.schedule import quota_again
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.journal import ImportResult
from argo_tradervue_plugin.outbox.records import Row, State

NOW = 1_000_000.0
STORED = ImportResult(exec_count=4)
DUPLICATES = ImportResult(exec_count=2, duplicate_count=2)
FAILED = ImportResult(error="a bad row")
HALF_FAILED = ImportResult(exec_count=1, error="a bad row")


def sending(result: ImportResult | None = STORED, **changes: Any) -> Sending:
    """Return what is known of an import of four that finished a moment ago."""
    known = Sending(
        size=4,
        shown=0,
        result=result,
        now=NOW,
        finished_at=NOW - 1,
        last_finished_at=NOW - 1,
    )
    return attrs.evolve(known, **changes)


def judged(known: Sending, **facts: bool) -> Verdict:
    """Return the verdict on a plain execution, or on one with these *facts*."""
    plain = {"is_twin": False, "is_unsure": False, "has_equal": False}
    return verdict(known, **{**plain, **facts})


@pytest.mark.parametrize("seconds", [0, PATIENCE, UNKNOWN_PATIENCE, 10**8])
def test_what_is_stored_is_waited_for_as_long_as_it_takes(seconds: float) -> None:
    """However long that is, and whatever other imports show."""
    for is_later_shown in (False, True):
        late = sending(now=NOW + seconds, is_later_shown=is_later_shown)
        assert judged(late) is Verdict.WAIT
        assert judged(late, is_twin=True) is Verdict.WAIT


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(ImportResult(exec_count=3), id="one less"),
        pytest.param(ImportResult(exec_count=4, duplicate_count=1), id="a duplicate"),
        pytest.param(ImportResult(exec_count=4, overquota_count=1), id="over quota"),
        pytest.param(ImportResult(exec_count=4, skipped_options=True), id="skipped"),
        pytest.param(ImportResult(exec_count=4, error="x"), id="failed"),
        pytest.param(None, id="unknown"),
    ],
)
def test_stored_is_only_what_was_stored_whole(result: ImportResult | None) -> None:
    """Every row, none of them a duplicate, nothing left out."""
    assert sending().is_stored
    assert not sending(result).is_stored


def test_unknown_outcome_goes_again_but_for_twins() -> None:
    """Those wait until a later import shows, and an hour at most."""
    unknown = sending(None)
    assert judged(unknown) is Verdict.SEND
    assert judged(unknown, is_twin=True) is Verdict.WAIT
    shown = attrs.evolve(unknown, is_later_shown=True)
    assert judged(shown, is_twin=True) is Verdict.SEND
    late = attrs.evolve(unknown, now=NOW + UNKNOWN_PATIENCE)
    assert judged(late, is_twin=True) is Verdict.UNKNOWN


def test_failure_is_somebodys_fault_at_once_but_for_twins_that_may_be_stored() -> None:
    """Nothing of an import that stored nothing can be there."""
    assert judged(sending(FAILED)) is Verdict.BLAME
    assert judged(sending(FAILED), is_twin=True) is Verdict.BLAME
    assert judged(sending(HALF_FAILED)) is Verdict.BLAME
    assert judged(sending(HALF_FAILED), is_twin=True) is Verdict.WAIT
    shown = sending(HALF_FAILED, is_later_shown=True)
    assert judged(shown, is_twin=True) is Verdict.BLAME
    assert [may_be_stored(r) for r in (None, FAILED, HALF_FAILED)] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"is_unsure": True}, Verdict.WAIT, id="of itself"),
        pytest.param({}, Verdict.UNSHOWN, id="of nothing of ours"),
        pytest.param(
            {"is_unsure": True, "has_equal": True}, Verdict.UNSHOWN, id="of a twin"
        ),
    ],
)
def test_duplicate_is_proof_only_of_what_was_sent_before(
    facts: dict[str, bool], expected: Verdict
) -> None:
    """Others are waited for a quarter of an hour, and then left to a person."""
    assert judged(sending(DUPLICATES), **facts) is Verdict.WAIT
    late = sending(DUPLICATES, now=NOW + PATIENCE)
    assert judged(late, **facts) is expected


def test_patience_begins_anew_with_each_import_that_may_extend_a_lag() -> None:
    """Unless one that was sent later shows: then there is no lag any more."""
    busy = sending(DUPLICATES, now=NOW + PATIENCE, last_finished_at=NOW + PATIENCE - 9)
    assert judged(busy) is Verdict.WAIT
    assert judged(attrs.evolve(busy, is_later_shown=True)) is Verdict.UNSHOWN


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (ImportResult(exec_count=2, overquota_count=2), Verdict.QUOTA),
        (ImportResult(exec_count=2, skipped_futures=True), Verdict.REFUSE),
    ],
)
def test_left_out_is_decided_when_the_rest_shows(
    result: ImportResult, expected: Verdict
) -> None:
    """Or when it should have."""
    assert judged(sending(result, shown=1)) is Verdict.WAIT
    assert judged(sending(result, shown=2)) is expected
    assert judged(sending(result, shown=1, now=NOW + PATIENCE)) is expected


results = st.none() | st.builds(
    ImportResult,
    exec_count=st.integers(0, 5),
    duplicate_count=st.integers(0, 5),
    overquota_count=st.integers(0, 2),
    skipped_forex=st.booleans(),
    error=st.none() | st.just("no"),
)
sendings = st.builds(
    sending,
    results,
    shown=st.integers(0, 3),
    now=st.floats(NOW, NOW + 10_000),
    last_finished_at=st.floats(NOW - 1, NOW + 10_000),
    is_later_shown=st.booleans(),
)
facts_of_rows = st.fixed_dictionaries(
    {name: st.booleans() for name in ("is_twin", "is_unsure", "has_equal")}
)


@given(sendings, facts_of_rows)
def test_nothing_is_sent_again_that_could_double(
    known: Sending, facts: dict[str, bool]
) -> None:
    """Not what is stored; a twin only when it cannot be on its way into the journal."""
    found = judged(known, **facts)
    if known.is_stored:
        assert found is Verdict.WAIT
    if found in (Verdict.SEND, Verdict.BLAME) and facts["is_twin"]:
        assert known.is_later_shown or not may_be_stored(known.result)


@given(sendings, facts_of_rows, st.integers(0, 60), st.floats(0.001, 60))
def test_what_waits_is_looked_at_again_in_time(
    known: Sending, facts: dict[str, bool], looks: int, poll: float
) -> None:
    """Later than now, within a quarter of an hour, and not past the end of patience."""
    due_at = next_look(known, looks, poll=poll)
    assert known.now < due_at <= known.now + PATIENCE
    before = attrs.evolve(known, now=known.now + (due_at - known.now) / 2)
    if judged(known, **facts) is Verdict.WAIT:
        assert judged(before, **facts) is Verdict.WAIT


@given(st.integers(0, 60), st.floats(0.001, 60))
def test_pauses_grow(looks: int, poll: float) -> None:
    """From the first poll to a quarter of an hour."""
    known = sending(now=NOW)
    pause = next_look(known, looks, poll=poll) - NOW
    after = next_look(known, looks + 1, poll=poll) - NOW
    assert poll * 0.99 <= pause <= after <= PATIENCE


def test_what_goes_again_is_tried_later_and_says_why() -> None:
    """What may be stored is unsure, and an attempt; what the quota left out is not."""
    row = Row(
        seq=1,
        trade_id="t",
        kind=Kind.ENTRY,
        execution=None,
        state=State.SENT,
        attempts=3,
    )
    sent = again(Verdict.SEND, [row], now=NOW, poll=1.0)
    first = again(Verdict.SEND, [attrs.evolve(row, attempts=0)], now=NOW, poll=1.0)
    assert (sent.state, sent.reason) == (State.RECORDED, "outcome_unknown")
    assert sent.is_attempt
    assert sent.is_unsure
    assert sent.due_at is not None
    assert first.due_at is not None
    assert NOW < first.due_at < sent.due_at

    quota = again(Verdict.QUOTA, [row], now=NOW, poll=1.0)
    assert (quota.state, quota.reason) == (State.RECORDED, "quota")
    assert not quota.is_attempt
    assert not quota.is_unsure
    assert quota.due_at == quota_again(NOW)
