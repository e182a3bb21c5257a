"""
The whole world of a simulation: a host in a few processes, a journal, and time.

Everything happens when it is told to, on one thread and on simulated time; only the
requests to the sandbox are real, over a real socket.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import httpx

from argo_tradervue_plugin.delivery.worker import IDLE
from argo_tradervue_plugin.guard import incidents
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.model.reasons import code_of
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.sandbox import Sandbox
from argo_tradervue_plugin.services import quarantine
from argo_tradervue_plugin.services.reconciliation.reconciler import Reconciler
from argo_tradervue_plugin.services.resends import Resends
from tests.journeys.reader import JournalReader, differences
from tests.simulation.clockwork import SimulatedTime
from tests.simulation.engines import Engine
from tests.simulation.fillings import Filling, Fillings, Taken
from tests.simulation.processes import Died, Fate, HostProcess, Tidings
from tests.simulation.truth import FOREIGN, Told, Truth, about_others

if TYPE_CHECKING:
    from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["LOGIN", "World"]

LOGIN: Final = "argo"
LEASE: Final = 71.0  # seconds, a little more than a lease holds by default
MINUTE: Final = 60.0
MOST_STEPS: Final = 20_000
NAMED: Final = re.compile(r"journal trade [0-9]+")
MOST_DAYS: Final = 30  # of simulated time, until everything must have arrived


class World:
    """
    One example's world.

    *settings* are those of the plugin, *assumptions* those of the sandbox, in which an
    import takes *import_seconds* of simulated time.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        engine: Engine,
        *,
        import_seconds: float = 0.0,
        assumptions: dict[str, object] | None = None,
        **settings: object,
    ) -> None:
        self.sandbox = sandbox
        self.engine = engine
        self.settings = {"poll_seconds": 2, **settings}
        self.time = SimulatedTime()
        self.truth = Truth()
        self.fillings = Fillings()
        self.environ = {"TRADERVUE_USERNAME": LOGIN, "TRADERVUE_PASSWORD": "sandbox"}
        self.refusals = 0  # that were to hit one of our executions each
        self.tally: Counter[str] = Counter()
        self.passwords = 0
        self.forgotten: list[Tidings] = []  # died with the memory that held them
        self.graves: set[str] = set()
        sandbox.reset()
        sandbox.assume(**(assumptions or {}))
        sandbox.import_seconds = import_seconds
        sandbox.clock = lambda: self.time.elapsed
        self.processes: list[HostProcess] = []
        self.start_process()
        self.look: Outbox = engine.read()

    def close(self) -> None:
        """Put an end to it, and tell what has happened in it."""
        self.tally["examples"] += 1
        self.tally["trades"] += len(self.truth.trades)
        self.tally["fillings"] += len(self.fillings.begun())
        self.tally["steps"] += sum(f.taken for f in self.fillings.all)
        self.tally["requests"] += sum(self.sandbox.stats.requests.values())
        self.tally["imports"] += self.sandbox.stats.import_count
        self.tally.update(self.sandbox.faults.applied)
        for process in self.processes:
            process.close()
        self.look.close()
        self.engine.close()

    # Processes

    def start_process(self) -> HostProcess:
        """Start another process of the host."""
        fate = Fate(self.graves)
        process = HostProcess(
            self.sandbox,
            self.engine.open(fate),
            self.time,
            fate,
            self.environ,
            **self.settings,
        )
        self.processes.append(process)
        return process

    def process(self, number: int) -> HostProcess:
        """Return one of the processes that live."""
        return self.processes[number % len(self.processes)]

    def bury(self, process: HostProcess, *, is_known: bool) -> None:
        """
        Let *process* be gone, and another one start.

        That it is gone is known at once where *is_known*, and otherwise when its lease
        has expired.
        """
        self.tally["deaths"] += 1
        self.forgotten += process.unwritten
        if is_known:
            self.graves.add(process.name)
        process.fate.spare()
        process.close()
        self.processes.remove(process)
        self.start_process()

    @contextmanager
    def mortally(self, process: HostProcess, *, is_known: bool) -> Iterator[None]:
        """Bury *process* if it dies inside the block."""
        try:
            yield
        except Died:
            self.bury(process, is_known=is_known)

    def steps(self, process: HostProcess, number: int) -> None:
        """Let *process* do so many steps, as long as it lives."""
        with self.mortally(process, is_known=False):
            for _ in range(number):
                process.step()

    def crash(self, process: HostProcess, place: int, *, is_known: bool) -> None:
        """Let *process* die at a place on its way, if its way is that long."""
        process.fate.die_at(place)
        with self.mortally(process, is_known=is_known):
            self.work(process)
        process.fate.spare()

    def stand_still(
        self, process: HostProcess, place: int, other: HostProcess, steps: int
    ) -> None:
        """
        Let *process* stand still in the middle, until *other* has taken its place.

        It goes on as if nothing had happened: what it believes to hold is lost.
        """

        def meanwhile() -> None:
            self.tally["standstills"] += 1
            self.time.go_by(LEASE)
            self.steps(other, steps)
            self.tally["takeovers"] += other.worker.holds_lease

        process.fate.stand_still_at(place, meanwhile)
        self.work(process)
        process.fate.spare()

    def work(self, process: HostProcess, most: int = 60) -> None:
        """Let *process* work until it waits for something, or is done."""
        for _ in range(most):
            if process.step() >= IDLE:
                return

    # Hooks

    def tell(self, process: HostProcess, trade: Told, *kinds: Kind) -> None:
        """Call the hooks; what dies in one has not heard it for sure."""
        for kind in kinds:
            trade.is_entered |= kind is Kind.ENTRY
            trade.is_left |= kind is Kind.EXIT
            living = process if process in self.processes else self.processes[-1]
            with self.mortally(living, is_known=True):
                try:
                    living.hear(trade, kind)
                except Died:
                    self.forgotten.append((trade, kind))
                    raise

    def take(self, process: HostProcess, taken: Taken) -> None:
        """Call the hook of a step of a trade that fills in parts."""
        with self.mortally(process, is_known=True):
            try:
                process.hear(taken, taken.kind)
            except Died:
                self.forgotten.append((taken, taken.kind))
                raise

    def is_written(self, filling: Filling) -> bool:
        """
        Tell whether all that was recorded of *filling* is in the outbox.

        Its steps say each something of their own: none is taken while the one before
        is in the memory of another process, or has died with it.
        """
        waiting = [told for told, _ in self.forgotten]
        for process in self.processes:
            waiting += [told for told, _ in process.unwritten]
        return all(
            not isinstance(told, Taken) or told.trade_id != filling.trade_id
            for told in waiting
        )

    def knows_of(self, trade: Told) -> bool:
        """Tell whether something of *trade* has reached the outbox."""
        return bool(self.look.states_of([trade.facts.id]))

    # Other people

    def another_program(self, symbol: str, *, quantity: str, price: str) -> None:
        """Let another program of the same login import something, if it can."""
        row = {
            "datetime": "2026-03-05T10:15:00-05:00",
            "symbol": FOREIGN + symbol,
            "quantity": quantity,
            "price": price,
        }
        with self.reader() as other, suppress(httpx.HTTPError):
            other.http.post("/imports", json={"executions": [row]})

    def reader(self) -> JournalReader:
        """Return an independent reader of the journal."""
        password = self.sandbox.account(LOGIN).password or "any"
        return JournalReader(self.sandbox.url, LOGIN, password)

    def change_password(self) -> None:
        """Let the owner change the password at Tradervue; the host does not know."""
        self.passwords += 1
        self.sandbox.account(LOGIN).password = f"secret-{self.passwords}"

    def correct_password(self) -> None:
        """Let an operator tell the host a password that is right, and a new one."""
        self.change_password()
        password = self.sandbox.account(LOGIN).password
        self.environ["TRADERVUE_PASSWORD"] = str(password)

    # The end

    def calm_down(self) -> None:
        """Let everything be well again, and the host tell what was forgotten."""
        self.sandbox.clear_faults()
        self.correct_password()
        told, self.forgotten = self.forgotten, []
        for trade, kind in told:
            self.processes[0].hear(trade, kind)
        self.until_idle()

    def until_idle(self) -> None:
        """Let all processes work, one after the other, until nothing is left to do."""
        end = self.time.elapsed + MOST_DAYS * 24 * 60 * MINUTE
        for step in range(MOST_STEPS):
            if all(process.worker.is_idle() for process in self.processes):
                return
            process = self.process(step // 10)
            if process.step() >= IDLE:
                self.time.go_by(MINUTE)
            if self.time.elapsed > end:
                break
        raise AssertionError(f"it does not come to an end: {self.told_by_outbox()}")

    def told_by_outbox(self) -> dict[str, Any]:
        """Return what the outbox has to say, for whoever reads a failure."""
        return {
            "counts": {s: n for s, n in self.look.counts().items() if n},
            "waiting": quarantine.list_parked(self.look),
            "unsettled": self.look.unsettled(),
            "health": [process.worker.health for process in self.processes],
        }

    def judge(self) -> None:
        """
        Compare the journal with the truth, now that nothing is left to do.

        What Tradervue was made to refuse may wait for a person, one trade for each
        refusal and with its reason; the person then has it tried again. So may twins
        of an import that nobody knows the outcome of, when none followed.
        """
        waiting = quarantine.list_parked(self.look)
        parked = {str(each["trade"]) for each in waiting}
        unknown = {
            row.trade_id
            for row in self.look.parked(len(waiting))
            if code_of(row.reason) == "twin_unknown"
        }
        given_up = set(self.look.overlays_of(self.truth.ids()))
        assert all(each["why"] for each in waiting), waiting
        refused = (parked | given_up) - unknown
        assert len(refused) <= self.refusals, (waiting, given_up)
        with self.reader() as journal:
            found = self.differences(journal)
            touched = parked | given_up
            # Of an exit that stands alone, the reason says where.
            alone = {
                f"{place} names []"
                for row in waiting
                for place in NAMED.findall(str(row["why"]))
            }
            unexplained = [d for d in found if not excuses(touched | alone, d)]
            assert unexplained == [], (unexplained, self.told_by_outbox())
            if touched:
                self.let_a_person_look(parked, given_up)
                self.let_a_person_replace(parked)
                assert self.differences(journal) == []
        states = {s for s, n in self.look.counts().items() if n}
        assert states <= {State.SYNCED, State.SKIPPED}, states
        assert self.look.outcome_counts() == {}, self.look.outcomes(10)
        assert incidents() == []

    def let_a_person_look(self, parked: Iterable[str], given_up: set[str]) -> None:
        """Have everything tried again that waits for somebody."""
        self.retry(parked)
        self.until_idle()
        told = [t for t in self.truth.trades if t.marker in given_up]
        if told:
            reconciler = Reconciler(
                self.look,
                self.processes[0].settings,
                # The worker may be another one by then.
                lambda: self.processes[0].worker._connected(),  # noqa: PLW0108
                lambda _: None,
            )
            trades = [t.snapshot(Kind.EXIT) for t in told]
            reconciler.repair(36_500, trades)
            self.until_idle()

    def let_a_person_replace(self, refused: Iterable[str]) -> None:
        """
        Have what stands there otherwise than recorded deleted and sent again.

        So stands a position of which a fill was *refused*: what was there by then was
        closed meanwhile, and what is closed does not grow.
        """
        for outcome in self.look.outcomes(100):
            assert outcome.code == "quantity_changed", outcome
            assert outcome.trade_id in refused, outcome
            client = self.processes[0].worker._connected
            resends = Resends(self.look, self.processes[0].settings, client)
            survey = resends.survey(outcome.trade_id)
            assert survey.refusal is None, survey
            resends.ask(outcome.trade_id, [each.trade.id for each in survey.standing])
        self.until_idle()

    def retry(self, trades: Iterable[str]) -> None:
        """Have *trades* tried again, as the command does."""
        for trade_id in trades:
            with suppress(quarantine.NothingToDecide):  # another was faster
                quarantine.retry(self.look, trade_id, self.processes[0].settings)

    def differences(self, journal: JournalReader) -> list[str]:
        """Return in what the journal is not what the host's trades are."""
        for row in about_others(journal.trades()):
            journal.http.delete(f"/trades/{row['id']}")
        besides = {filling.trade_id for filling in self.fillings.all}
        return [
            *differences(journal, self.truth.expected(), besides=besides),
            *self.fillings.differences(journal),
        ]


def excuses(trades: Iterable[str], difference: str) -> bool:
    """Tell whether *difference* is what to expect while *trades* are not in order."""
    return "twice" not in difference and any(trade in difference for trade in trades)
