"""
``python -m tests.chaos``: kill real processes at every point, and count.

Exit code 0: nothing was lost, nothing doubled; 1: something was, and what is said with
the seed that does it again.
"""

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tests.chaos.engines import ENGINES
from tests.chaos.matrix import Cell, Plan, run
from tests.chaos.points import POINTS
from tests.chaos.stage import Broken

PROCESSES = {"1": (1,), "4": (4,), "both": (1, 4)}


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The points: " + "; ".join(f"{k}: {v}" for k, v in POINTS.items()) + ".",
)
@click.option(
    "--kills",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="How many processes to kill in all, at the least.",
)
@click.option(
    "--processes",
    type=click.Choice(list(PROCESSES)),
    default="both",
    show_default=True,
    help="How many processes share an outbox.",
)
@click.option(
    "--engine",
    type=click.Choice([*ENGINES, "both"]),
    default="both",
    show_default=True,
    help="What keeps the outbox.",
)
@click.option(
    "--seed",
    default="1",
    show_default=True,
    help="The same seed gives the same trades and the same order of points. What "
    "happens within a process at the same time is up to the system.",
)
@click.option(
    "--point",
    "points",
    type=click.Choice(list(POINTS)),
    multiple=True,
    help="Die at this point only, instead of at all and at random (repeatable).",
)
@click.option(
    "--per-round",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Kills until the journal is compared, and a new outbox begun.",
)
@click.option(
    "--spawn",
    is_flag=True,
    help="Start each process as a new interpreter, not as a fork of one that has "
    "everything loaded; slower.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave outboxes and logs in this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def main(  # noqa: PLR0917 - as many as there are options
    kills: int,
    processes: str,
    engine: str,
    seed: str,
    points: tuple[str, ...],
    per_round: int,
    spawn: bool,
    keep: Path | None,
    as_json: bool,
) -> None:
    """
    Kill real processes with SIGKILL, at named points and at random moments.

    They share an outbox and forward to a sandbox; those that were killed are
    replaced. After each round the journal is read over HTTP and compared with what the
    host was told is safe: LOST counts executions whose hook had returned and that are
    not there, DOUBLED those that stand there too often. RECOVERY is the time from a
    kill to the next execution that was verified, the start of a new process included.
    """
    console = Console(stderr=True)
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise click.BadParameter(f"{keep} is not empty", param_hint="--keep")
    engines = list(ENGINES) if engine == "both" else [engine]
    plan = Plan(
        kills=kills,
        engines=engines,
        processes=PROCESSES[processes],
        seed=seed,
        per_round=per_round,
        only=points,
        is_spawning=spawn,
    )
    began = time.monotonic()
    with console.status("starting") as status:
        done: Counter[str] = Counter()

        def progress(cell: Cell, more: int) -> None:
            done[cell.name] += more
            told = f"{cell.name}: {done[cell.name]} kills"
            status.update(f"{done.total()} of {kills} kills ({told})")
            if (
                not console.is_terminal
                and done.total() // 50 > (done.total() - more) // 50
            ):
                console.print(f"{done.total()} of {kills} kills", highlight=False)

        try:
            cells = run(plan, folder=keep, progress=progress)
        except Broken as error:
            raise click.ClickException(str(error)) from error
    seconds = time.monotonic() - began
    show(cells, seconds)
    for cell in cells:
        for problem in cell.wrong:
            click.echo(f"{cell.name}: {problem}", err=True)
    if as_json:
        click.echo(json.dumps(as_facts(cells, seconds)))
    sys.exit(any(cell.wrong for cell in cells))


def show(cells: list[Cell], seconds: float) -> None:
    """Print the table."""
    table = Table("engine", "processes", title="kill matrix")
    for name in ("kills", "accepted", "lost", "doubled", "recovery s", "longest s"):
        table.add_column(name, justify="right")
    for cell in [*cells, total(cells)]:
        middle, longest = cell.recovery()
        table.add_row(
            cell.engine,
            str(cell.processes or ""),
            f"{cell.kills:,}",
            f"{cell.accepted:,}",
            str(cell.lost),
            str(cell.doubled),
            f"{middle:.2f}",
            f"{longest:.2f}",
        )
    console = Console()
    console.print(table)
    met = total(cells).points
    names = [*POINTS, *sorted(met.keys() - POINTS.keys())]
    console.print(", ".join(f"{name} {met[name]}" for name in names), highlight=False)
    stops = sum(cell.stops for cell in cells)
    held = sum(cell.held for cell in cells)
    console.print(
        f"{stops} processes stood still until another led, {held} events were held "
        f"in memory; {seconds:.0f} s, {os.cpu_count()} cores",
        highlight=False,
    )


def total(cells: list[Cell]) -> Cell:
    """Return the sum of *cells*."""
    whole = Cell(engine="all", processes=0)
    for cell in cells:
        whole.rounds += cell.rounds
        whole.stops += cell.stops
        whole.accepted += cell.accepted
        whole.lost += cell.lost
        whole.doubled += cell.doubled
        whole.held += cell.held
        whole.points.update(cell.points)
        whole.recoveries += cell.recoveries
    return whole


def as_facts(cells: list[Cell], seconds: float) -> dict[str, Any]:
    """Return what scripts read: the sums, and each engine by processes."""

    def facts(cell: Cell) -> dict[str, Any]:
        middle, longest = cell.recovery()
        return {
            "kills": cell.kills,
            "accepted": cell.accepted,
            "lost": cell.lost,
            "doubled": cell.doubled,
            "recovery_median_seconds": round(middle, 3),
            "recovery_longest_seconds": round(longest, 3),
            "standstills": cell.stops,
            "points": dict(sorted(cell.points.items())),
        }

    rows = [
        {"engine": cell.engine, "processes": cell.processes} | facts(cell)
        for cell in cells
    ]
    cores = {"seconds": round(seconds, 1), "cores": os.cpu_count()}
    return facts(total(cells)) | cores | {"rows": rows}


if __name__ == "__main__":
    main()
