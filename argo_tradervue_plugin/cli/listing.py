"""What a comparison came to, as a person and as a script read it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Final

import attrs
import click
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from argo_tradervue_plugin.cli.report import print_table
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.matching.report import Line, Money, Report, Totals

__all__ = ["console_for", "print_report", "rows_of", "say", "write_csv"]

COLUMNS: Final = (
    "what",
    "trade",
    "journal",
    "field",
    "host",
    "journal value",
    "symbol",
    "day",
    "gross_pl",
    "commission",
    "fees",
    "address",
)
# The places of a person's columns among them, in the order in which they are read.
READ: Final = (0, 1, 6, 7, 2, 3, 4, 5, 8, 9, 10, 11)
MOST_LINES: Final = 50  # of the list for a person; the rest is counted
LONGEST: Final = 4000  # characters of a cell
GAP: Final = "  "
INDENT: Final = 4
SHORTEST: Final = 10  # characters of a line of a terminal


def rows_of(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield a row of cells for each line of the list; money to the last digit."""
    return (cells_of(line, report, "f") for line in report.lines())


def cells_of(line: Line, report: Report, money: str) -> tuple[str, ...]:
    """Return the cells of a line, with *money* as the format of amounts."""
    return (
        line.what,
        " ".join(line.trade_ids),
        "" if line.journal_id is None else str(line.journal_id),
        line.field,
        line.host,
        line.journal,
        line.symbol,
        "" if line.day is None else line.day.isoformat(),
        *(f"{f:{money}}" if f else "" for f in attrs.astuple(line.money)),
        report.address(line.journal_id) or "",
    )


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


def console_for() -> Console:
    """Return where a person reads: as wide as the terminal, or else as it needs."""
    console = Console()
    return console if console.is_terminal else Console(width=LONGEST)


def print_report(report: Report, console: Console) -> None:
    """
    Print the totals, and a table of what is not the same.

    It fits a terminal, with each line's cells one below the other where it has to. Off
    a terminal a line of the list is a line, and ids stay whole.
    """
    print_table(console, counts_of(report))
    lines = list(islice(report.lines(), MOST_LINES))
    if not lines:
        return
    click.echo()
    heads = [name.replace("gross_pl", "gross P&L") for name in COLUMNS]
    rows = [heads, *(cells_of(line, report, ".2f") for line in lines)]
    cells = [[one_line(row[n], LONGEST) for n in READ] for row in rows]
    width = console.width if console.is_terminal else None
    # The address says the least that the other cells do not.
    for table in (cells, [row[:-1] for row in cells]):
        if text := as_table(table, width):
            click.echo(text)
            break
    else:
        print_stacked(lines, report, console)
    rest = sum(1 for _ in report.lines()) - len(lines)
    if rest:
        click.echo(f"... and {rest} more: --csv and --json show all")


def as_table(table: Sequence[Sequence[str]], width: int | None) -> str:
    """Return rows of cells as a text, without empty columns; empty: it is too wide."""
    kept = [n for n, _ in enumerate(table[0]) if any(cells[n] for cells in table[1:])]
    widths = [max(cell_len(cells[n]) for cells in table) for n in kept]
    if width is not None and sum(widths) + len(GAP) * (len(kept) - 1) > width:
        return ""
    rows = (
        GAP.join(
            cells[n] + " " * (most - cell_len(cells[n]))
            for n, most in zip(kept, widths, strict=True)
        )
        for cells in table
    )
    return "\n".join(row.rstrip() for row in rows)


def print_stacked(lines: Iterable[Line], report: Report, console: Console) -> None:
    """Print *lines* for a terminal that is too narrow for a table."""
    for (_, trades, journal_id), some in groupby(
        lines, lambda line: (line.what, line.trade_ids, line.journal_id)
    ):
        first, *others = some
        day = "" if first.day is None else first.day.isoformat()
        facts = ", ".join(filter(None, (*trades, first.symbol, day)))
        say(console, f"{first.what}: {facts}" if facts else first.what)
        if journal_id is not None:
            address = report.address(journal_id) or ""
            say(console, f"journal trade {journal_id} {address}", INDENT)
        for line in (first, *others):
            if words := values_in_words(line):
                say(console, words, INDENT)


def say(console: Console, text: str, indent: int = 0) -> None:
    """Print one line of *text*, wrapped between words on a terminal alone."""
    line = one_line(text, LONGEST)
    if console.is_terminal:
        width = max(console.width - indent, SHORTEST)
        wrapped = Text(line).wrap(console, width, overflow="fold")
        click.echo("\n".join(" " * indent + part.plain.rstrip() for part in wrapped))
    else:
        click.echo(" " * indent + line)


def values_in_words(line: Line) -> str:
    """Return both sides of a line for a person, and the money."""
    host = f"host {line.host}" if line.journal else line.host
    sides = [host, line.journal and f"journal {line.journal}"]
    said = ", ".join(filter(None, sides))
    said = f"{line.field}: {said}" if line.field and said else line.field or said
    money = f"({in_words(line.money)})" if line.money else ""
    return " ".join(filter(None, (said, money)))


def counts_of(report: Report) -> dict[str, object]:
    """Return how much is in each list, and the sums of both sides."""
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
    }
    basics = len(report.basics) - len(report.host_basics)
    rare = {
        "finished and forgotten": len(report.beyond),
        "unknown costs": report.unknown_costs,
        "the host's basic trades": len(report.host_basics),
        "without executions": basics,
    }
    counts |= {name: number for name, number in rare.items() if number}
    counts["host P&L"] = side_in_words(report.host)
    counts["journal P&L"] = side_in_words(report.journal)
    counts["difference"] = in_words(report.money)
    for cause, money in report.causes.items():
        if money:
            counts[f"  by {cause.replace('_', ' ')}"] = in_words(money)
    return counts


def side_in_words(side: Totals) -> str:
    """Return the sums of one side for a person."""
    return f"{side.gross_pl:.2f} of {side.trades} trades{costs_in_words(side.money)}"


def in_words(money: Money) -> str:
    """Return money for a person, to the cent."""
    return f"{money.gross_pl:.2f}{costs_in_words(money)}"


def costs_in_words(money: Money) -> str:
    """Return commission and fees for a person, where there are any."""
    some = {"commission": money.commission, "fees": money.fees}
    return "".join(f", {name} {value:.2f}" for name, value in some.items() if value)
