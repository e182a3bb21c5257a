"""
A state machine over everything that may happen, with a simple model of the truth.

Hooks in any order, each named fault, processes that die or stand still anywhere and
others that follow, clocks set wrong, other programs of the same login, passwords that
change, a database that is locked. After each rule the journal holds nothing more often
than the host traded it; at quiescence it is the host's own record, to the cent.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, Final, cast

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services import quarantine
from tests.simulation.engines import Engine
from tests.simulation.fillings import Filling
from tests.simulation.truth import LATE, Opening, Told
from tests.simulation.world import LOGIN, World

__all__ = ["StateMachine", "machine"]

MOST_PROCESSES: Final = 3
ROUTES: Final = (
    ("POST", "/imports"),
    ("GET", "/imports"),
    ("GET", "/trades"),
    ("GET", "/trades/*"),
    ("PUT", "/trades/*"),
    ("*", "*"),
)
FAULTS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("server_error", {"status": 500}),
    ("server_error", {"status": 503, "when": "after"}),
    ("server_error", {"status": 503, "retry_after": 20}),
    ("server_error", {"status": 408}),
    ("rate_limit", {}),
    ("rate_limit", {"retry_after": 90}),
    ("redirect", {}),
    ("reset_before", {}),
    ("reset_after", {}),
    ("hang", {"seconds": 0.002}),
    ("hang", {"seconds": 0.002, "when": "after"}),
    ("truncated_json", {}),
    ("truncated_json", {"announced": "all"}),
    ("malformed_json", {}),
    ("html_page", {"status": 200}),
    ("html_page", {"status": 502, "when": "after"}),
    ("clock_skew", {"seconds": -3600, "times": 3}),
)
# These name their own requests.
IMPORT_FAULTS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("import_busy", {}),
    ("import_stuck", {}),
    ("status_stolen", {}),
)
# Each hits one execution; one that is not named is found by halves, where it is alone.
REFUSALS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("import_failure", {"row": 1}),
    ("import_failure", {"row": 3}),
    ("import_failure", {"row": 2, "numbered": "no"}),
    ("server_error", {"status": 422, "method": "POST", "path": "/imports"}),
)
ASSUMED: Final[tuple[dict[str, object], ...]] = (
    {},
    {"read_delay_seconds": "4"},
    {"duplicate_scope": "account_tag"},
    {"late_executions": "append"},
    {"merge_mode": "force_split"},
    {"twins_in_one_import": "kept"},
    {"bad_row": "keeps_others"},
)

openings = st.builds(
    Opening,
    symbol=st.sampled_from(("AAPL", "NVDA")),
    side=st.sampled_from(("long", "short")),
    quantity=st.sampled_from((10, 25, 0.125)),
    price=st.sampled_from((100.25, 101.5)),
    after=st.sampled_from((0, 1, 60, 3600, 200_000)),
    held=st.sampled_from((0, 1, 30, 900, 90_000)),
    exit_price=st.sampled_from((103.5, 99.0)),
)
anyone = st.integers(0, MOST_PROCESSES - 1)
few = st.integers(0, 6)
most_steps = st.integers(1, 20)
places = st.integers(1, 30)
seeds = st.integers(0, 200)
late = st.frozensets(st.sampled_from(sorted(LATE)))


def late_or_never(opening: Opening) -> frozenset[str]:
    """Return what the host knows of a position when it leaves it."""
    return frozenset(LATE) if opening.held else frozenset()


class StateMachine(RuleBasedStateMachine):
    """
    What may happen, a rule each. Subclasses say on which engine and sandbox.
    """

    served: ClassVar[Sandbox]
    tally: ClassVar[Counter[str]]
    new_engine: ClassVar[Callable[[], Engine]]

    trades = Bundle("trades")
    fillings = Bundle("fillings")
    world: World

    @initialize(
        assumptions=st.sampled_from(ASSUMED),
        import_seconds=st.sampled_from((0.0, 3.0, 20.0)),
        import_size=st.sampled_from((500, 3)),
    )
    def begin(
        self, assumptions: dict[str, object], import_seconds: float, import_size: int
    ) -> None:
        """Begin with one process and an empty journal."""
        self.world = World(
            self.served,
            type(self).new_engine(),
            import_seconds=import_seconds,
            assumptions=assumptions,
            import_size=import_size,
        )

    def teardown(self) -> None:
        """Let everything be well again: at quiescence, journal equals model."""
        if not hasattr(self, "world"):
            return
        try:
            self.world.calm_down()
            self.world.judge()
        finally:
            self.world.close()
            self.tally.update(self.world.tally)

    # Hooks

    @rule(target=trades, opening=openings, number=anyone)
    def enter(self, opening: Opening, number: int) -> Told:
        """Enter a position."""
        trade = self.world.truth.open(opening)
        self.world.tell(self.world.process(number), trade, Kind.ENTRY)
        return trade

    @rule(trade=trades, number=anyone, knows=late)
    def leave(self, trade: Told, number: int, knows: frozenset[str]) -> None:
        """Leave a position, knowing the costs and reasons or not; or tell so again."""
        if trade.is_filled:
            trade.knows |= knows
            self.world.tell(self.world.process(number), trade, Kind.EXIT)

    @rule(
        target=trades,
        opening=openings,
        number=anyone,
        knows=late,
        order=st.permutations(list(Kind)),
    )
    def enter_and_leave(
        self, opening: Opening, number: int, knows: frozenset[str], order: list[Kind]
    ) -> Told:
        """Tell a whole trade, its exit first perhaps."""
        trade = self.world.truth.open(opening)
        trade.knows = knows
        self.world.tell(self.world.process(number), trade, *order)
        return trade

    @rule(trade=trades, number=anyone)
    def repeat_entry(self, trade: Told, number: int) -> None:
        """Tell an entry again, as it was or as it is by now."""
        self.world.tell(self.world.process(number), trade, Kind.ENTRY)

    @rule(target=trades, trade=trades, number=anyone)
    def enter_twin(self, trade: Told, number: int) -> Told:
        """Enter a position that is equal to another, to the second and the cent."""
        twin = self.world.truth.twin_of(trade)
        self.world.tell(self.world.process(number), twin, Kind.ENTRY)
        return twin

    @rule(trade=trades, number=anyone)
    def enter_namesake(self, trade: Told, number: int) -> None:
        """Enter another position under the id of one that is known."""
        ids = [told.facts.id for told in self.world.truth.trades]
        if ids.count(trade.facts.id) == 1 and self.world.knows_of(trade):
            other = self.world.truth.namesake_of(trade, "SPY")
            self.world.tell(self.world.process(number), other, Kind.ENTRY, Kind.EXIT)

    @rule(target=trades, opening=openings, number=anyone)
    def place_order(self, opening: Opening, number: int) -> Told:
        """Record an order that is not filled yet."""
        trade = self.world.truth.open(opening)
        trade.is_filled = False
        self.world.tell(self.world.process(number), trade, Kind.ENTRY)
        return trade

    @rule(trade=trades, number=anyone)
    def fill_order(self, trade: Told, number: int) -> None:
        """Fill an order that was placed before."""
        if not trade.is_filled:
            trade.is_filled = True
            self.world.tell(self.world.process(number), trade, Kind.ENTRY)

    # Trades that fill, and are closed, in parts

    @rule(target=fillings, opening=openings, number=anyone, seed=seeds)
    def begin_to_fill(self, opening: Opening, number: int, seed: int) -> Filling:
        """Enter a position of which a part is filled at first, or all."""
        filling = self.world.fillings.begin(opening, seed)
        self.world.take(self.world.process(number), filling.take())
        return filling

    @rule(target=fillings, filling=fillings, number=anyone)
    def begin_to_fill_a_twin(self, filling: Filling, number: int) -> Filling:
        """Enter a position that is filled and closed as another one."""
        twin = self.world.fillings.twin_of(filling)
        self.world.take(self.world.process(number), twin.take())
        return twin

    @rule(filling=fillings, number=anyone, steps=few)
    def go_on_to_fill(self, filling: Filling, number: int, steps: int) -> None:
        """Fill or close more of a position, or record it as it is; then work."""
        if not filling.is_over and self.world.is_written(filling):
            self.world.take(self.world.process(number), filling.take())
        self.world.steps(self.world.process(number + 1), steps)

    @rule(
        target=fillings,
        opening=openings,
        number=anyone,
        seed=seeds,
        works=st.lists(few, min_size=1, max_size=8),
    )
    def fill_and_work(
        self, opening: Opening, number: int, seed: int, works: list[int]
    ) -> Filling:
        """Fill and close a position, with more or less work after each step."""
        filling = cast("Filling", self.begin_to_fill(opening, number, seed))
        for steps in works:
            self.go_on_to_fill(filling, number, steps)
        return filling

    @rule(filling=fillings, number=anyone)
    def repeat_step(self, filling: Filling, number: int) -> None:
        """Record once more what was recorded last."""
        if self.world.is_written(filling):
            last = filling.again(filling.taken - 1)
            self.world.take(self.world.process(number), last)

    @rule(filling=fillings, number=anyone, place=places, is_known=st.booleans())
    def crash_while_filling(
        self, filling: Filling, number: int, place: int, *, is_known: bool
    ) -> None:
        """Let a process die at work on a further execution."""
        self.go_on_to_fill(filling, number, 0)
        self.world.crash(self.world.process(number), place, is_known=is_known)

    @rule(filling=fillings, number=anyone, place=st.integers(1, 2))
    def crash_in_hook_of_a_part(
        self, filling: Filling, number: int, place: int
    ) -> None:
        """Let a process die in a hook, before or after the event was written."""
        process = self.world.process(number)
        process.fate.die_at(place)
        self.go_on_to_fill(filling, number, 0)
        process.fate.spare()

    # What goes on, and what goes wrong

    @rule(number=anyone, steps=st.integers(1, 12))
    def let_work(self, number: int, steps: int) -> None:
        """Let a process do some steps."""
        self.world.steps(self.world.process(number), steps)

    @rule(
        target=trades,
        fault=st.sampled_from(FAULTS),
        route=st.sampled_from(ROUTES),
        times=st.sampled_from((1, 4)),
        skip=st.sampled_from((0, 1)),
        opening=openings,
        number=anyone,
        steps=few,
    )
    def inject(
        self,
        fault: tuple[str, dict[str, Any]],
        route: tuple[str, str],
        times: int,
        skip: int,
        opening: Opening,
        number: int,
        steps: int,
    ) -> Told:
        """Let something go wrong on the way, once or a few times."""
        method, path = route
        told = {"method": method, "path": path, "times": times, "skip": skip}
        self.served.inject(fault[0], **{**told, **fault[1]})
        return self.trade_and_work(opening, number, steps)

    @rule(
        target=trades,
        fault=st.sampled_from(IMPORT_FAULTS + REFUSALS),
        opening=openings,
        number=anyone,
        steps=few,
    )
    def inject_into_import(
        self,
        fault: tuple[str, dict[str, Any]],
        opening: Opening,
        number: int,
        steps: int,
    ) -> Told:
        """Let an import go wrong in a way of its own, or be refused for no reason."""
        self.world.refusals += fault in REFUSALS
        self.served.inject(fault[0], **fault[1])
        return self.trade_and_work(opening, number, steps)

    @rule()
    def faults_end(self) -> None:
        """Let nothing go wrong any more, for a while."""
        self.served.clear_faults()

    def trade_and_work(self, opening: Opening, number: int, steps: int) -> Told:
        """Trade, so that there is something to do, and let a process do some of it."""
        made = self.enter_and_leave(opening, number, late_or_never(opening), [*Kind])
        trade = cast("Told", made)
        self.world.steps(self.world.process(number), steps)
        return trade

    # Processes

    @rule(
        target=trades,
        opening=openings,
        number=anyone,
        place=places,
        is_known=st.booleans(),
    )
    def crash(
        self, opening: Opening, number: int, place: int, *, is_known: bool
    ) -> Told:
        """Let a process die at work."""
        trade = self.trade_and_work(opening, number, 0)
        self.world.crash(self.world.process(number), place, is_known=is_known)
        return trade

    @rule(trade=trades, number=anyone, place=st.integers(1, 2))
    def crash_in_hook(self, trade: Told, number: int, place: int) -> None:
        """Let a process die in a hook, before or after the event was written."""
        process = self.world.process(number)
        process.fate.die_at(place)
        kind = Kind.EXIT if trade.is_left else Kind.ENTRY
        self.world.tell(process, trade, kind)
        process.fate.spare()

    @rule(
        target=trades, opening=openings, number=anyone, place=places, steps=most_steps
    )
    def stand_still(
        self, opening: Opening, number: int, place: int, steps: int
    ) -> Told:
        """Let a process stand still in the middle, and another one take over."""
        while len(self.world.processes) < MOST_PROCESSES:
            self.world.start_process()
        trade = self.trade_and_work(opening, number, 0)
        process, other = self.world.process(number), self.world.process(number + 1)
        self.world.stand_still(process, place, other, steps)
        return trade

    @rule(hours=st.sampled_from((-30, -5, -1 / 100, 1 / 100, 1, 30)))
    def set_clock(self, hours: float) -> None:
        """Set the machine's clock, forward or back."""
        self.world.time.set_clock(hours * 3600)

    @rule(seconds=st.sampled_from((1.0, 20.0, 71.0, 3600.0)))
    def time_passes(self, seconds: float) -> None:
        """Let nobody do anything for a while."""
        self.world.time.go_by(seconds)

    # Other people

    @rule(
        target=trades,
        opening=openings,
        number=anyone,
        steps=few,
        symbol=st.sampled_from(("A", "B")),
        is_right=st.booleans(),
        reads=st.booleans(),
    )
    def another_program_imports(
        self,
        opening: Opening,
        number: int,
        steps: int,
        symbol: str,
        *,
        is_right: bool,
        reads: bool,
    ) -> Told:
        """Let another program of the same login import, and read what is not its."""
        trade = self.trade_and_work(opening, number, steps)
        quantity = "10" if is_right else "ten"
        self.world.another_program(symbol, quantity=quantity, price="20.5")
        if reads:
            self.served.person(LOGIN).steal_status()
        return trade

    @rule(
        target=trades,
        opening=openings,
        number=anyone,
        steps=few,
        is_wrong=st.booleans(),
    )
    def password_is_refused(
        self, opening: Opening, number: int, steps: int, *, is_wrong: bool
    ) -> Told:
        """Let the password be wrong for a while, or only be refused."""
        if is_wrong:
            self.world.change_password()
        else:
            self.served.inject("unauthorized")
        trade = self.trade_and_work(opening, number, steps)
        self.world.correct_password()
        return trade

    @rule(trade=trades, number=anyone, knows=late, steps=st.integers(0, 2))
    def lock_database(
        self, trade: Told, number: int, knows: frozenset[str], steps: int
    ) -> None:
        """Let nobody write for a moment, while the host goes on trading."""
        with self.world.engine.locked():
            self.leave(trade, number, knows)
            self.world.steps(self.world.process(number), steps)

    @rule()
    def person_retries(self) -> None:
        """Let a person have everything tried again that waits for one."""
        waiting = quarantine.list_parked(self.world.look)
        self.world.retry(str(each["trade"]) for each in waiting)

    @invariant()
    def nothing_stands_there_too_often(self) -> None:
        """Hold the journal to what the host has told by now."""
        if hasattr(self, "world"):
            assert self.world.truth.too_much_in(self.served, LOGIN) == {}
            assert self.world.fillings.too_much_in(self.served, LOGIN) == {}


def machine(served: Sandbox, new_engine: Callable[[], Engine]) -> type[StateMachine]:
    """Return the machine for a sandbox and an engine."""

    class OnEngine(StateMachine):
        pass

    OnEngine.served, OnEngine.tally = served, Counter()
    OnEngine.new_engine = staticmethod(new_engine)
    return OnEngine
