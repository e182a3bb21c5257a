"""The command: ``python -m tests.benchmarks [--short] [--json] [--only NAME]``."""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    drain,
    growth,
    hook,
    idle,
    latency,
    metrics,
    outage,
    startup,
    statements,
    trace,
    writers,
)
from tests.benchmarks.figures import Figure, Scale
from tests.benchmarks.machine import described

__all__ = ["main"]

MEASUREMENTS: Final[dict[str, Any]] = {
    "hook": hook,
    "writers": writers,
    "drain": drain,
    "growth": growth,
    "statements": statements,
    "trace": trace,
    "startup": startup,
    "latency": latency,
    "metrics": metrics,
    "idle": idle,
    "outage": outage,
}  # in the order of running
WIDTH: Final = 120  # columns of a table that goes into a file
EPILOG: Final = """
Figures marked with a goal are ratios, or a bound that a trading loop feels. Compare
ratios between machines, and absolute figures on one machine only. The full form takes
some ten minutes and two gigabytes of disk, the short form half a minute; its figures
show that it works, and not much else.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser, whose help says what there is to measure."""
    made = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure the plugin side by side with what stands for it.",
        epilog=f"{contents()}\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--short", action="store_true", help="a little of everything")
    made.add_argument(
        "--json", action="store_true", help="print one line of JSON at the end"
    )
    made.add_argument(
        "--only",
        action="append",
        choices=list(MEASUREMENTS),
        metavar="NAME",
        help="one measurement alone (repeatable)",
    )
    return made


def contents() -> str:
    """Return the names of the measurements with the first lines of their texts."""
    lines = ["measurements:"]
    for name, module in MEASUREMENTS.items():
        first = module.__doc__.strip().partition("\n\n")[0]
        lines.append(f"  {name:<12} {' '.join(first.split())}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is asked for, and print it; return the exit code."""
    options = parser().parse_args(argv)
    # A host has its logs in files; a measurement is about neither disk nor terminal.
    logging.getLogger("argo_tradervue_plugin").addHandler(logging.NullHandler())
    scale = Scale(is_short=options.short)
    machine = described() | {"form": "short" if scale.is_short else "full"}
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(", ".join(f"{name}: {value}" for name, value in machine.items()))
    found: list[Figure] = []
    for name in options.only or MEASUREMENTS:
        figures = MEASUREMENTS[name].measure(scale, tell)
        show(console, name, figures)
        found += figures
    if options.json:
        told = {each.key: float(f"{each.value:.5g}") for each in found}
        print(json.dumps(machine | told))
    return 0


def show(console: Console, name: str, figures: Sequence[Figure]) -> None:
    """Print the table of one measurement."""
    table = Table(title=name, title_justify="left", title_style="bold", box=None)
    table.add_column("figure", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("goal", no_wrap=True)
    table.add_column("of what", overflow="fold")
    for each in figures:
        is_met = each.is_met
        verdict = "" if is_met is None else " ✓" if is_met else " ✗"
        value = f"{rounded(each.value)} {each.unit}"
        table.add_row(each.key, value, each.goal + verdict, each.meaning)
    console.print(table)


def rounded(value: float) -> str:
    """Return three digits of *value*, and all of those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def tell(what: str) -> None:
    """Say on stderr what is being measured."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
