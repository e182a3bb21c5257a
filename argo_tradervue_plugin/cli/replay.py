"""``replay`` and ``demo``: the whole way, from a host's hooks to the journal."""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import attrs
import click
import pluggy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.cli.exits import Exit, Interrupted, Problem
from argo_tradervue_plugin.cli.processes import own_sandbox
from argo_tradervue_plugin.cli.replayed import ReplayedTracker, merged
from argo_tradervue_plugin.cli.report import HookTimes, Tally, print_table, tally
from argo_tradervue_plugin.cli.syncing import is_late, left_behind
from argo_tradervue_plugin.config.account import REPLAY
from argo_tradervue_plugin.config.locations import Locations
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.delivery.recognition import recognised
from argo_tradervue_plugin.errors import OutboxError, TradervueError
from argo_tradervue_plugin.outbox.opening import outbox_of
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = ["Replay", "Result", "finish", "play", "surroundings"]

NOT_MOVED: Final = (State.NEW, State.RECORDED, State.SENT)
GONE: Final = (
    "interrupted: nothing stays queued, as sandbox and outbox were this command's own"
)
AGAIN: Final = (
    "The same command, with the same outbox, goes on with them, and with what was not "
    "played yet."
)
LOOK: Final = 0.05  # seconds between two looks at how far the worker is


@attrs.frozen(kw_only=True)
class Replay:
    """What to play, and against which journal. *section* is the plugin's config."""

    trades: list[dict[str, Any]]
    section: dict[str, Any]
    patience: float = 60.0  # seconds without any progress before giving up
    pause: float = 0.0  # seconds between two events
    is_kept: bool = True  # whether the outbox outlives the command


@attrs.frozen(kw_only=True)
class Result:
    """
    What came of it.

    *seconds* is the whole time, *trouble* what stood in the way, *is_late* whether
    anything is pending that waits by no rule of Tradervue's, *waits* are those rules.
    """

    trades: int
    events: int
    tally: Tally
    imports: int
    seconds: float
    hooks: HookTimes | None
    trouble: str | None
    is_late: bool = False
    waits: tuple[str, ...] = ()

    @property
    def exit_code(self) -> Exit:
        """Return the command's exit code."""
        sums = self.tally
        needs_person = bool(sums.basic or sums.quarantined or sums.differs)
        return Exit.PERSON if self.is_late or needs_person else Exit.WELL

    def as_json(self) -> str:
        """Return the line that scripts read; ``differs`` is absent if it is 0."""
        facts = {"trades": self.trades, "events": self.events}
        facts |= self.tally.as_facts()
        facts |= {"imports": self.imports}
        return json.dumps(facts | {"seconds": round(self.seconds, 3)})

    def as_facts(self) -> dict[str, object]:
        """Return the rows that a person reads."""
        facts: dict[str, object] = {"trades": self.trades, "events": self.events}
        facts |= self.tally.as_facts()
        facts |= {"imports": self.imports, "seconds": f"{self.seconds:.1f}"}
        if self.hooks is not None:
            facts["hook call"] = (
                f"median {self.hooks.median:.0f} µs, 99th percentile "
                f"{self.hooks.p99:.0f} µs, longest {self.hooks.longest:.0f} µs"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        unit = 1024 if sys.platform != "darwin" else 1024 * 1024
        return facts | {"peak memory": f"{peak / unit:.0f} MB"}


def play(replay: Replay, console: Console) -> Result:
    """Play every event through the real hooks, then wait until all is verified."""
    began = time.monotonic()
    with started(replay.section) as (plugins, integration):
        outbox = integration.outbox
        imports = outbox.imports_sent()
        events = list(merged(replay.trades))
        times = []
        with progress_bar(console) as bar, telling_what_is_left(integration, replay):
            task = bar.add_task("recorded", total=len(events))
            tracker = ReplayedTracker(replay.trades)
            for event in events:
                times.append(tracker.play(event, plugins))
                bar.advance(task)
                if replay.pause:
                    time.sleep(replay.pause)
            trouble = wait(integration, replay, bar)
        found = recognised(outbox, integration.settings, replay.trades)
        ids = [one.trade_id for one in found]
        return Result(
            trades=len(replay.trades),
            events=len(events),
            tally=tally(ids, outbox.states_of(ids), integration.syncing.differing(ids)),
            imports=outbox.imports_sent() - imports,
            seconds=time.monotonic() - began,
            hooks=HookTimes.of(times) if times else None,
            trouble=trouble,
            is_late=trouble is not None and is_late(outbox),
            waits=tuple(as_lines(obstacles(outbox))) if trouble else (),
        )


@contextmanager
def telling_what_is_left(
    integration: TradervueIntegration, replay: Replay
) -> Iterator[None]:
    """
    Say what stays queued where a person ends it.

    Raises:
        Interrupted: a person has ended it; the text says what stays queued.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        if not replay.is_kept:
            raise Interrupted(GONE) from error
        trades = [SimpleNamespace(**trade) for trade in replay.trades]
        with suppress(OutboxError):
            integration.outbox.gather()  # what the hooks have recorded last counts too
        raise Interrupted(left_behind(integration, trades, AGAIN)) from error


@contextmanager
def started(
    section: dict[str, Any],
) -> Iterator[tuple[pluggy.PluginManager, TradervueIntegration]]:
    """Start the plugin as a host would, through its hooks; stop it afterwards."""
    # A host waits for what cannot be used; a person wants to know, in one line.
    settings = Settings.from_mapping(section)
    if settings.database is not None:
        outbox_of(settings, Locations.of(settings, purpose=REPLAY)).close()
    plugin = TradervuePlugin(purpose=REPLAY)
    # What else is installed has no part in it: these trades are history.
    plugins = pluggy.PluginManager(hookspecs.PROJECT)
    plugins.add_hookspecs(hookspecs)
    plugins.register(plugin, "tradervue")
    config = {"plugins": {"tradervue": section}}
    plugins.hook.on_host_startup(config=config, tracker=None)
    if plugin.integration is None:
        raise Problem(f"the plugin does not start: {plugin.reason}")
    try:
        plugin.integration.joiner.prepare()
    except TradervueError:
        plugins.hook.on_host_shutdown()
        raise
    try:
        yield plugins, plugin.integration
    finally:
        plugins.hook.on_host_shutdown()


def progress_bar(console: Console) -> Progress:
    """Return a bar that is silent where there is no terminal."""
    return Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def wait(
    integration: TradervueIntegration, replay: Replay, bar: Progress
) -> str | None:
    """Wait until nothing is pending; say what stands in the way if that fails."""
    worker = integration.worker
    worker.wake()
    synced = bar.add_task("verified", total=None)
    before: dict[State, int] = {}
    moved_at = time.monotonic()
    while (counts := pending(integration)) is not None:
        time.sleep(LOOK)
        done = counts.get(State.SYNCED, 0)
        bar.update(synced, completed=done, total=sum(counts.values()) or None)
        # To be sent, and to come back unsent, is no progress.
        moved: dict[State, int] = {
            s: n for s, n in counts.items() if s not in NOT_MOVED
        }
        if moved != before:
            before, moved_at = moved, time.monotonic()
        if worker.is_stuck:
            return integration.trouble()
        if time.monotonic() - moved_at > replay.patience:
            return integration.trouble() or (
                "Tradervue has not answered yet"
                if worker.holds_lease
                else "another process forwards"
            )
    return None


def pending(integration: TradervueIntegration) -> Mapping[State, int] | None:
    """Return how far everything is, empty where that is unknown; None: all is done."""
    try:
        if integration.worker.is_idle():
            return None
        return integration.outbox.counts()
    except OutboxError:  # a server that restarts, say: it comes back, or patience ends
        return {}


@contextmanager
def surroundings(
    url: str | None, database: str | None, import_seconds: float
) -> Iterator[dict[str, Any]]:
    """Give the settings for *url*, or for a sandbox and an outbox of their own."""
    with ExitStack() as stack:
        # The command waits itself, and longer than a host that shuts down.
        section: dict[str, Any] = {"enabled": True, "flush_seconds": 0}
        section["aws_secrets"] = False  # the login is given to the command
        if url is None:
            url = stack.enter_context(own_sandbox(import_seconds))
            section |= {"username": "argo", "password": "sandbox"}
            if database is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                database = str(Path(folder) / "outbox.db")
        if database is not None:
            section["database"] = database
        yield section | {"base_url": url}


def finish(result: Result, console: Console) -> None:
    """Print the table, and leave with 1 where something is still pending."""
    print_table(console, result.as_facts())
    for line in result.waits:
        click.echo(line, err=True)
    if result.is_late:
        click.echo(f"not everything arrived: {result.trouble}", err=True)
