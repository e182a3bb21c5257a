"""
How many SQL statements an event takes, from the hook to its final state.

The worker is stepped by hand on this thread, whose connection counts: what a hook
executes, and what the worker executes until everything is verified, for a backfill and
for trades that come one by one. A BEGIN and a COMMIT are statements too; what a trigger
does belongs to the statement that set it off.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.outbox.engine import settle_here
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.records import Recorded
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.hosts import section_for
from tests.benchmarks.servers import Journal, running_journal
from tests.benchmarks.trades import Event, events, made
from tests.outbox.desk import engine_of

__all__ = ["measure"]


class Stepped:
    """An outbox and a worker without a thread, and the statements they executed."""

    def __init__(self, journal: Journal, database: Path, login: str) -> None:
        settle_here()  # it takes the place of the worker's thread
        settings = Settings.from_mapping(section_for(journal.url, database, login))
        outbox = outbox_of(settings)
        self.outbox = outbox
        self.integration = TradervueIntegration(settings, outbox=self.outbox)
        self.executed: list[str] = []
        engine_of(outbox, Sqlite).connection().set_trace_callback(self._note)

    def _note(self, statement: str) -> None:
        # What a trigger does is reported as the statement that set it off, once more;
        # a comment is what SQLite does inside a statement.
        if self.executed[-1:] != [statement] and not statement.startswith("--"):
            self.executed.append(statement)

    def record(self, happening: Sequence[Event]) -> float:
        """Record as a hook does; return the statements for each event."""
        before = len(self.executed)
        for event in happening:
            self.outbox.record(Recorded.of(event.trade, event.kind, time.time()))
        return (len(self.executed) - before) / len(happening)

    def drain(self) -> int:
        """Step until nothing is left to do; return the number of statements."""
        before, looking = len(self.executed), 0
        worker = self.integration.worker
        while True:
            looked = len(self.executed)
            is_idle = worker.is_idle()
            looking += len(self.executed) - looked  # ours, not the worker's
            if is_idle:
                return len(self.executed) - before - looking
            time.sleep(worker.step(time.time()))

    def close(self) -> None:
        """Close what is open."""
        self.integration.close(0)


def measure(scale: Scale, tell: Tell) -> list[Figure]:
    """Return the statements for each event."""
    many, few = scale.of(250, 30), scale.of(20, 2)
    with TemporaryDirectory() as name, running_journal() as journal:
        folder = Path(name)
        tell(f"statements: a backfill of {many} trades")
        happening = events(made(many, seed=201))
        with closing(Stepped(journal, folder / "many.db", "many")) as stepped:
            hook = stepped.record(happening)
            backfill = stepped.drain() / len(happening)
        tell(f"statements: {few} trades, one event at a time")
        happening = events(made(few, seed=202))
        with closing(Stepped(journal, folder / "few.db", "few")) as stepped:
            executed = 0
            for event in happening:
                stepped.record([event])
                executed += stepped.drain()
            live = executed / len(happening)
    return [
        Figure("sql_per_hook_call", hook, "", "SQL statements of a hook call"),
        Figure("sql_per_event_backfill", backfill, "", "of the worker, backfill"),
        Figure("sql_per_event_live", live, "", "of the worker, one event at a time"),
    ]
