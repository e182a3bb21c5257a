"""Counts, states and history are one truth, whatever is done in whatever order."""

from collections import Counter
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from argo_tradervue_plugin.errors import LeaseLost
from argo_tradervue_plugin.journal.executions import Kind
from argo_tradervue_plugin.outbox.interface import State, Writer
from argo_tradervue_plugin.outbox.opening import open_outbox
from tests.outbox.conftest import ENGINES
from tests.outbox.desk import MANY, NOW, Desk, execution

TRADES = [f"t{n}" for n in range(5)]
KEYS = st.tuples(st.sampled_from(TRADES), st.sampled_from(list(Kind)))
STATES = st.sampled_from([state for state in State if state is not State.NEW])


def break_off(writer: Writer, key: tuple[str, Kind], state: State) -> None:
    """Change something, and fail."""
    writer.move([key], state, now=NOW)
    raise ZeroDivisionError


class Work(RuleBasedStateMachine):
    """Does at random what hooks, workers and successors do, and counts along."""

    engine = "sqlite"
    request: pytest.FixtureRequest

    def __init__(self) -> None:
        super().__init__()
        self.left = ExitStack()
        folder = self.left.enter_context(TemporaryDirectory())
        place = ENGINES[self.engine](Path(folder), self.request)
        self.outbox = open_outbox(self.left.enter_context(place))
        self.desk = Desk(self.outbox)
        self.former: list[Desk] = []
        self.payloads = 0
        self.states: dict[tuple[str, str], State] = {}
        self.imports: list[int] = []

    def teardown(self) -> None:
        """Close and forget."""
        self.outbox.close()
        self.left.close()

    @rule(key=KEYS)
    def hook(self, key: tuple[str, Kind]) -> None:
        """A hook records an event."""
        self.payloads += 1
        self.desk.record(*key, payload=str(self.payloads), identity="AAPL")

    @rule(key=KEYS, state=st.sampled_from([None, State.SKIPPED, State.QUARANTINED]))
    def make_sense(self, key: tuple[str, Kind], state: State | None) -> None:
        """The planner takes the inbox: each event is enlisted or set aside."""
        with self.desk.write() as writer:
            for event in self.outbox.inbox(MANY):
                folded = writer.fold(event)
                if folded is None:
                    continue
                at = TRADES.index(event.trade_id) + (0 if event.kind == "entry" else 9)
                each = execution(event.trade_id, event.kind, at=at)
                if state is None:
                    writer.open_trade(each, slot=1, account_tag="argo")
                    changed = writer.enlist(
                        each, account_tag="argo", twin=False, now=NOW
                    )
                    if changed:
                        self.states[event.trade_id, event.kind] = State.RECORDED
                elif folded[1] is State.NEW:
                    writer.move(
                        [(event.trade_id, event.kind)], state, now=NOW, reason="why"
                    )
                    self.states[event.trade_id, event.kind] = state

    @rule(keys=st.lists(KEYS, max_size=4), state=STATES)
    def move(self, keys: list[tuple[str, Kind]], state: State) -> None:
        """The worker moves executions, known or not, some of them twice."""
        self.desk.move(state, *keys, reason="because")
        for key in keys:
            if key in self.states:
                self.states[key] = state

    @rule(limit=st.integers(1, 4))
    def send(self, limit: int) -> None:
        """What is due goes into an import."""
        rows = self.outbox.due(NOW, limit)
        with self.desk.write() as writer:
            noted = writer.note_import(
                account_tag="argo", allow_duplicates=False, now=NOW
            )
            writer.add_to_import(noted.id, rows, now=NOW)
        self.imports.append(noted.id)
        for row in rows:
            assert self.states[row.trade_id, row.kind] is State.RECORDED
            self.states[row.trade_id, row.kind] = State.SENT

    @precondition(lambda self: self.imports)
    @rule(journal_id=st.integers(1, 9), data=st.data())
    def read_back(self, journal_id: int, data: Any) -> None:
        """An import's executions are found in the journal."""
        import_id = data.draw(st.sampled_from(self.imports))
        rows = self.outbox.of_import(import_id)
        with self.desk.write() as writer:
            for row in rows:
                writer.link(row.trade_id, row.kind, journal_id, now=NOW)
                self.states[row.trade_id, row.kind] = State.LINKED
            writer.settle_import(import_id)

    @rule(trade_id=st.sampled_from(TRADES))
    def annotate(self, trade_id: str) -> None:
        """A trade gets its notes."""
        with self.desk.write() as writer:
            kinds = writer.annotated(trade_id, now=NOW)
        for key in [(trade_id, kind) for kind in Kind]:
            if self.states.get(key) is State.LINKED:
                self.states[key] = State.SYNCED
                kinds.remove(Kind(key[1]))
        assert kinds == []

    @rule(key=KEYS, state=STATES)
    def fail(self, key: tuple[str, Kind], state: State) -> None:
        """A transaction breaks off in the middle."""
        with pytest.raises(ZeroDivisionError), self.desk.write() as writer:
            break_off(writer, key, state)

    @rule()
    def take_over(self) -> None:
        """Another process takes the lease."""
        self.former.append(self.desk)
        self.desk = Desk(self.outbox, now=NOW + 1000 * len(self.former))
        self.desk.now = NOW

    @precondition(lambda self: self.former)
    @rule(key=KEYS, state=STATES)
    def write_late(self, key: tuple[str, Kind], state: State) -> None:
        """The former holder does not know yet that it lost the lease."""
        with pytest.raises(LeaseLost):
            self.former[-1].move(state, key)

    @invariant()
    def states_are_those_of_the_model(self) -> None:
        """Every execution is where it was put, and nowhere else."""
        rows = self.outbox.of_trades(TRADES)
        for trade_id, found in self.outbox.states_of(TRADES).items():
            inbox = {e.kind for e in self.outbox.inbox(MANY) if e.trade_id == trade_id}
            for kind, state in found.items():
                is_new = kind in inbox
                assert state is (State.NEW if is_new else self.states[trade_id, kind])
        for found_rows in rows.values():
            for row in found_rows:
                assert self.states[row.trade_id, row.kind] is row.state

    @invariant()
    def counts_equal_a_recount(self) -> None:
        """What is counted along equals what is there."""
        counted = Counter(self.states.values())
        counted[State.NEW] = len(self.outbox.inbox(MANY))
        assert dict(self.outbox.counts()) == {s: counted[s] for s in State}

    @invariant()
    def history_ends_where_an_execution_stands(self) -> None:
        """The last step of each execution is its state; no step repeats the last."""
        for trade_id in TRADES:
            for kind in Kind:
                told = [
                    s.state for s in self.outbox.history(trade_id) if s.kind == kind
                ]
                expected = self.states.get((trade_id, kind))
                assert (told[-1] if told else None) == expected
                assert all(a != b for a, b in pairwise(told))


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_equal_a_recount_after_any_sequence_of_operations(
    engine: str, request: pytest.FixtureRequest
) -> None:
    """Counts, states and history agree after each of many random operations."""

    class WorkWithEngine(Work):
        pass

    WorkWithEngine.engine = engine
    WorkWithEngine.request = request
    run_state_machine_as_test(
        WorkWithEngine,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
