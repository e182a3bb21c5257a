"""``reconcile``, ``relink`` and ``sync``: host and journal side by side."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from argo_tradervue_plugin.cli.exits import Problem
from argo_tradervue_plugin.cli.finding import opened_outbox
from argo_tradervue_plugin.cli.replayed import load
from argo_tradervue_plugin.cli.report import plain, print_table
from argo_tradervue_plugin.integration import TradervueIntegration
from argo_tradervue_plugin.journal.reconcile import Report, Totals
from argo_tradervue_plugin.settings import Settings

__all__ = ["accept", "opened", "print_report", "rows_of", "trades_in", "write_csv"]

# The API changes no execution; commissions it does, by an import of their own.
ADVICE = (
    "What differs in price, quantity or time only a person can correct: edit the "
    "execution in Tradervue, or delete the trade there and run this with --repair "
    "--resend-deleted, which sends it as the host has it now, or let argo-tradervue "
    "resend TRADE do both, or accept it as it stands there (--accept TRADE)."
)
COLUMNS = ("what", "trade", "journal", "field", "host", "journal value")
MOST_STEPS = 10  # sentences with what helps; the rest stands in the table


@contextmanager
def opened(
    settings: Settings, *, is_making: bool = False
) -> Iterator[TradervueIntegration]:
    """
    Open what the commands need; an outbox is made only where *is_making* says so.

    Raises:
        TradervueError: it cannot be opened; without *is_making* also: there is none.
    """
    outbox = opened_outbox(settings, is_making=is_making)
    integration = TradervueIntegration(settings, outbox=outbox)
    try:
        yield integration
    finally:
        integration.close(0)


def trades_in(file: Path | None) -> list[Any] | None:
    """
    Return the host's trades in *file*; None without one.

    Raises:
        BrokenFile: it cannot be read, or a line of it is no trade.
    """
    if file is None:
        return None
    return [SimpleNamespace(**trade) for trade in load(file)]


def accept(
    integration: TradervueIntegration,
    ids: tuple[str, ...],
    days: int,
    trades: list[Any] | None,
) -> None:
    """Accept *ids* as they stand in the journal; with an unknown one, none of them."""
    unknown = integration.reconciler.accept(ids, days, trades)
    if unknown:
        names = ", ".join(unknown)
        raise Problem(f"nothing was accepted: no trade and no journal trade: {names}")
    click.echo(f"accepted: {', '.join(ids)}", err=True)


def in_words(side: Totals) -> str:
    """Return the sums of one side for a person."""
    return f"{side.gross_pl:.2f} of {side.trades} trades"


def rows_of(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield a row for everything that is not matched."""
    for missing in report.missing:
        why = missing.reason or missing.state
        yield ("missing", missing.trade_id, "", missing.state, missing.symbol, why)
    for d in report.different:
        yield ("different", d.trade_id, str(d.journal_id), d.field, d.host, d.journal)
    for journal_id, trades in report.shared.items():
        yield ("shared", " ".join(trades), str(journal_id), "", "", "")
    for trade_id, journal_id in report.duplicated:
        yield ("duplicated", trade_id, str(journal_id), "", "", "")
    for journal_id in report.unknown_tagged:
        yield ("unknown, with our tag", "", str(journal_id), "", "", "")
    for trade_id, reason in report.unusable:
        yield ("unusable", trade_id, "", "", reason, "")
    for one in report.outcomes:
        journal = str(one.journal_id or "")
        yield ("outcome", one.trade_id, journal, one.code, one.host, one.sent)


def write_csv(report: Report) -> str:
    """Return the rows as CSV, with a header line."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(cell) for cell in row] for row in rows_of(report))
    return text.getvalue()


def harmless(cell: str) -> str:
    """Return *cell* so that no spreadsheet takes it for a formula."""
    is_number = cell.removeprefix("-").replace(".", "", 1).isdigit()
    return cell if is_number or cell[:1] not in "=+-@\t\r\n" or not cell else f"'{cell}"


def print_report(report: Report) -> None:
    """Print the totals, and a table of what is not the same."""
    console = Console()
    counts: dict[str, object] = {
        "matched": len(report.matched),
        "missing in the journal": len(report.missing),
        "different": len({d.trade_id for d in report.different}),
        "shared by several": len(report.shared),
        "duplicated": len(report.duplicated),
        "unknown, with our tag": len(report.unknown_tagged),
        "unknown, without": len(report.unknown_untagged),
        "unusable": len(report.unusable),
        "outcomes": len(report.outcomes),
        "accepted": len(report.accepted),
        "host P&L": in_words(report.host),
        "journal P&L": in_words(report.journal),
        "difference": f"{report.difference:.2f}",
    }
    for name, value in report.explained.items():
        if value:
            counts[f"  by {name}"] = f"{value:.2f}"
    print_table(console, counts)
    rows = list(rows_of(report))
    if rows:
        table = Table(box=None)
        for name in COLUMNS:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*map(plain, row))
        console.print(table)
        for one in report.outcomes[:MOST_STEPS]:
            click.echo(f"{one.trade_id}: {one.sentence} ({one.next_step})")
        if any(d.field != "commission" for d in report.different):
            click.echo(ADVICE)
    elif report.accepted:
        click.echo("the journal says what the host did, or as it was accepted")
    else:
        click.echo("the journal says what the host did")
