"""``sync``: what the journal lacks of a file of trades, with progress to be seen."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import attrs
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from argo_tradervue_plugin.cli.exits import Exit, Interrupted
from argo_tradervue_plugin.cli.reconciling import opened
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.obstacles import as_lines, obstacles
from argo_tradervue_plugin.delivery.recognition import recognised
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import State, outcome_of
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.services.compat import SyncStats
from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = ["Synced", "is_late", "left_behind", "synchronize"]

LINE_EVERY: Final = 5.0  # seconds between two lines where no bar can be drawn
MOST_NAMED: Final = 20  # trades that stay queued; the rest is counted

States = Mapping[str, Mapping[Kind, State]]
Watch = Callable[[int, States], None]


@attrs.frozen(kw_only=True)
class Synced:
    """
    What a sync came to: *stats* in trades, and what a person should know beside them.

    *waits* says by which rule of Tradervue's something waits, *trouble* what stands in
    the way of what is late, None where nothing is.
    """

    stats: SyncStats
    waits: list[str]
    trouble: str | None

    @property
    def exit_code(self) -> Exit:
        """Return the command's exit code."""
        is_well = self.trouble is None and not self.stats.failed
        return Exit.WELL if is_well else Exit.PERSON


def synchronize(settings: Settings, trades: list[Any], patience: float) -> Synced:
    """
    Send what the journal lacks of *trades*, and show on stderr how far that is.

    Raises:
        Interrupted: a person has ended it; the text says what stays queued.
        OutboxError: the outbox cannot be read.
    """
    with opened(settings, is_making=True) as integration:
        try:
            with progress(Console(stderr=True)) as watch:
                stats = integration.sync_trades(trades, patience=patience, watch=watch)
        except KeyboardInterrupt as error:
            raise Interrupted(left_behind(integration, trades)) from error
        outbox = integration.outbox
        trouble = None
        if stats.pending and is_late(outbox):
            trouble = integration.trouble() or (
                "Tradervue has not answered yet, or another process forwards"
            )
        waits = as_lines(obstacles(outbox)) if stats.pending else []
    return Synced(stats=stats, waits=waits, trouble=trouble)


def is_late(outbox: Outbox) -> bool:
    """Tell whether anything is pending that waits by no rule of Tradervue's."""
    is_paused = obstacles(outbox)["paused_reason"] is not None
    return outbox.overdue_since(is_paused=is_paused) is not None


SENT_BY: Final = "The process that forwards sends them, or the host's next start."


def left_behind(
    integration: TradervueIntegration, trades: list[Any], sent_by: str = SENT_BY
) -> str:
    """Return what stays queued of *trades*, what sends it, and how to take it back."""
    found = recognised(integration.outbox, integration.settings, trades)
    states = integration.outbox.states_of({one.trade_id for one in found})
    queued = [i for i, each in states.items() if outcome_of(each.values()) == "pending"]
    if not queued:
        return "interrupted: nothing stays queued"
    lines = [f"interrupted: {len(queued)} trades stay queued"]
    lines += [f"  {one_line(trade_id, 80)}" for trade_id in queued[:MOST_NAMED]]
    if len(queued) > MOST_NAMED:
        lines.append(f"  ... and {len(queued) - MOST_NAMED} more")
    lines.append(sent_by)
    lines.append(
        "`argo-tradervue quarantine discard TRADE...` takes back what was not sent yet."
    )
    return "\n".join(lines)


@contextmanager
def progress(console: Console) -> Iterator[Watch]:
    """Give what shows progress: a bar on a terminal, lines elsewhere."""
    if not console.is_terminal:
        yield watching(Lines().show)
        return
    columns = (TextColumn("in the journal"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield watching(lambda n, of: bar.update(task, completed=n, total=of))


def watching(show: Callable[[int, int], None]) -> Watch:
    """Return what has *show* show how many of the wanted trades are through."""

    def watch(wanted: int, states: States) -> None:
        show(sum(outcome_of(s.values()) != "pending" for s in states.values()), wanted)

    return watch


class Lines:
    """A line at the beginning, and at most every few seconds where something moved."""

    def __init__(self) -> None:
        self._shown: int | None = None
        self._again_at = 0.0

    def show(self, settled: int, wanted: int) -> None:
        """Write the line where it says something new."""
        now = time.monotonic()
        is_over = settled == wanted
        if settled == self._shown or (now < self._again_at and not is_over):
            return
        self._shown, self._again_at = settled, now + LINE_EVERY
        click.echo(f"{settled} of {wanted} trades are through", err=True)
