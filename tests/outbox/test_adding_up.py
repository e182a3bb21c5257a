"""Counts, states and history are one truth, whatever is done in whatever order."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
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
from argo_tradervue_plugin.model.executions import Execution, Key, Kind
from argo_tradervue_plugin.outbox.opening import open_outbox
from argo_tradervue_plugin.outbox.records import Row, State, Transition, outcome_of
from argo_tradervue_plugin.outbox.writer import Writer
from tests.outbox.conftest import ENGINES
from tests.outbox.desk import NOW, Desk, execution

TRADES = [f"t{n}" for n in range(5)]
KEYS = st.tuples(
    st.sampled_from(TRADES), st.sampled_from(list(Kind)), st.integers(1, 2)
)
STATES = st.sampled_from([state for state in State if state is not State.NEW])
ASIDE = st.sampled_from([State.SKIPPED, State.QUARANTINED])


def of_key(key: Key) -> Execution:
    """Return the execution of a key, which looks like no other."""
    trade_id, kind, part = key
    at = 10 * TRADES.index(trade_id) + (kind is Kind.EXIT) + part / 2
    return attrs.evolve(execution(trade_id, kind, at=at), part=part)


def break_off(writer: Writer, rows: list[Row], state: State) -> None:
    """Change something, and fail."""
    writer.apply(Transition(state=state, rows=rows), now=NOW)
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
        self.events: Counter[str] = Counter()
        self.states: dict[Key, State] = {}
        self.fixed: set[Key] = set()  # what an import may have stored
        self.steps: dict[Key, list[State]] = {}
        self.imports: list[int] = []

    def teardown(self) -> None:
        """Close and forget."""
        self.outbox.close()
        self.left.close()

    def rows(self, *keys: Key) -> list[Row]:
        """Return the executions of *keys* that there are, each as often as asked."""
        found = {
            row.key: row
            for trade_id in TRADES
            for row in self.outbox.of_trade(trade_id)
        }
        return [found[key] for key in keys if key in found]

    def becomes(self, key: Key, state: State) -> None:
        """Note that an execution gets to *state*; every change is a step."""
        if self.states.get(key) is not state:
            self.steps.setdefault(key, []).append(state)
        self.states[key] = state

    def is_open(self, key: Key) -> bool:
        """Tell whether planning may still decide about an execution."""
        return key not in self.fixed and self.states.get(key) is not State.DISCARDED

    @rule(trade_id=st.sampled_from(TRADES), kind=st.sampled_from(list(Kind)))
    def hook(self, trade_id: str, kind: Kind) -> None:
        """A hook records an event."""
        self.desk.record(trade_id, kind)
        self.events[trade_id] += 1

    @rule()
    def take_out(self) -> None:
        """The planner has dealt with what was in the inbox."""
        self.desk.take_all()
        self.events.clear()

    @rule(key=KEYS)
    def put(self, key: Key) -> None:
        """The planner notes an execution."""
        each = of_key(key)
        with self.desk.write() as writer:
            writer.open_trade(each, slot=1, account_tag="argo")
            changed = writer.put(each, account_tag="argo", twin=False, now=NOW)
        assert changed is self.is_open(key)
        if changed:
            self.becomes(key, State.RECORDED)

    @rule(key=KEYS, state=ASIDE)
    def park(self, key: Key, state: State) -> None:
        """The planner sets an execution aside, known or not."""
        with self.desk.write() as writer:
            writer.apply(Transition(state=state, keys=[key], reason="why"), now=NOW)
        if self.is_open(key):
            self.becomes(key, state)

    @rule(keys=st.lists(KEYS, max_size=4))
    def drop(self, keys: list[Key]) -> None:
        """The planner does not plan some executions any more."""
        with self.desk.write() as writer:
            writer.drop(self.rows(*keys))
        for key in set(keys) - self.fixed:
            self.states.pop(key, None)

    @rule(keys=st.lists(KEYS, max_size=4), state=STATES, is_unsent=st.booleans())
    def move(self, keys: list[Key], state: State, is_unsent: bool) -> None:
        """The worker moves executions, some of them twice."""
        with self.desk.write() as writer:
            rows = self.rows(*keys)
            change = Transition(
                state=state, rows=rows, reason="because", is_unsent=is_unsent
            )
            writer.apply(change, now=NOW)
        for row in rows:
            self.becomes(row.key, state)
            if is_unsent and row.journal_id is None:
                self.fixed.discard(row.key)

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
            assert self.states[row.key] is State.RECORDED
            self.becomes(row.key, State.SENT)
            self.fixed.add(row.key)

    @precondition(lambda self: self.imports)
    @rule(journal_id=st.integers(1, 9), data=st.data())
    def read_back(self, journal_id: int, data: Any) -> None:
        """An import's executions are found in the journal."""
        import_id = data.draw(st.sampled_from(self.imports))
        rows = self.outbox.of_import(import_id)
        with self.desk.write() as writer:
            for row in rows:
                writer.link(row, journal_id, now=NOW)
                self.becomes(row.key, State.LINKED)
            writer.settle_import(import_id)

    @rule(trade_id=st.sampled_from(TRADES))
    def annotate(self, trade_id: str) -> None:
        """A trade gets its notes."""
        with self.desk.write() as writer:
            kinds = writer.annotated(trade_id, now=NOW)
        linked = [
            key
            for key, state in self.states.items()
            if key[0] == trade_id and state is State.LINKED
        ]
        for key in linked:
            self.becomes(key, State.SYNCED)
        assert kinds == sorted({kind for _, kind, _ in linked})

    @rule(key=KEYS, state=STATES)
    def fail(self, key: Key, state: State) -> None:
        """A transaction breaks off in the middle."""
        rows = self.rows(key)
        with pytest.raises(ZeroDivisionError), self.desk.write() as writer:
            break_off(writer, rows, state)

    @rule()
    def take_over(self) -> None:
        """Another process takes the lease."""
        self.former.append(self.desk)
        self.desk = Desk(self.outbox, now=NOW + 1000 * len(self.former))
        self.desk.now = NOW

    @precondition(lambda self: self.former)
    @rule(key=KEYS, state=STATES)
    def write_late(self, key: Key, state: State) -> None:
        """The former holder does not know yet that it lost the lease."""
        rows = self.rows(key)
        with pytest.raises(LeaseLost), self.former[-1].write() as writer:
            writer.apply(Transition(state=state, rows=rows), now=NOW)

    @invariant()
    def states_are_those_of_the_model(self) -> None:
        """Every execution is where it was put, and nowhere else."""
        rows = self.outbox.all_of_trades(TRADES).values()
        assert {row.key: row.state for some in rows for row in some} == self.states

    @invariant()
    def counts_equal_a_recount(self) -> None:
        """What is counted along equals what is there."""
        counted = Counter(self.states.values())
        counted[State.NEW] = self.events.total()
        assert dict(self.outbox.counts()) == {s: counted[s] for s in State}

    @invariant()
    def trades_are_counted_by_what_is_worst_of_them(self) -> None:
        """Each trade once, whatever it consists of."""
        by_trade: dict[str, list[State]] = {}
        for (trade_id, *_), state in self.states.items():
            by_trade.setdefault(trade_id, []).append(state)
        for trade_id in +self.events:  # not looked at yet
            by_trade.setdefault(trade_id, []).append(State.NEW)
        expected = Counter(map(outcome_of, by_trade.values()))
        assert +Counter(self.outbox.trade_counts()) == expected

    @invariant()
    def history_has_every_step(self) -> None:
        """Of all executions of a leg; none is left out, and none is made up."""
        for trade_id in TRADES:
            told = Counter((s.kind, s.state) for s in self.outbox.history(trade_id))
            assert told == Counter(
                (str(kind), str(state))
                for (owner, kind, _), steps in self.steps.items()
                for state in steps
                if owner == trade_id
            )


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
