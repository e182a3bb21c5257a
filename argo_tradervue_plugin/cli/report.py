"""What a replay has to say: counts of trades, and what the hooks cost."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from statistics import median, quantiles
from typing import Final

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.model.executions import Kind
from argo_tradervue_plugin.outbox.records import State, outcome_of

__all__ = ["HookTimes", "Tally", "plain", "print_table", "tally"]

LONGEST: Final = 4000  # characters; a path is no longer


@attrs.frozen(kw_only=True)
class HookTimes:
    """What a hook call cost the trading loop, in microseconds."""

    median: float
    p99: float
    longest: float

    @classmethod
    def of(cls, nanoseconds: list[int]) -> "HookTimes":
        """Sum up single measurements; there has to be one at least."""
        last = nanoseconds * 2 if len(nanoseconds) == 1 else nanoseconds
        return cls(
            median=median(last) / 1000,
            p99=quantiles(last, n=100, method="inclusive")[98] / 1000,
            longest=max(last) / 1000,
        )


@attrs.frozen(kw_only=True)
class Tally:
    """How many of a file's trades ended where."""

    verified: int = 0
    basic: int = 0
    quarantined: int = 0
    skipped: int = 0
    pending: int = 0
    differs: int = 0

    def as_facts(self) -> dict[str, int]:
        """Return the counts by name; of trades that differ only where there are any."""
        counts = attrs.asdict(self)
        return {name: n for name, n in counts.items() if n or name != "differs"}


def tally(
    trade_ids: Iterable[str],
    states: Mapping[str, Mapping[Kind, State]],
    differing: Collection[str] = (),
) -> Tally:
    """
    Count the trades in *trade_ids* by the states of their executions.

    Those *differing* stand in the journal otherwise than the host has recorded them:
    they are not verified.
    """
    counted: Counter[str] = Counter()
    for trade_id in trade_ids:
        outcome = outcome_of(states.get(trade_id, {}).values())
        is_off = outcome == "verified" and trade_id in differing
        counted["differs" if is_off else outcome] += 1
    counted["quarantined"] += counted.pop("discarded", 0)  # a person has seen to it
    return Tally(**counted)


def print_table(console: Console, facts: Mapping[str, object]) -> None:
    """Print *facts*, a row each; off a terminal each is one whole line."""
    if not console.is_terminal:
        width = max(map(len, facts), default=0)
        for name, value in facts.items():
            console.print(f"{name:<{width}}  ", plain(value), sep="", soft_wrap=True)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name, plain(value))
    console.print(table)


def plain(value: object) -> Text:
    """Return *value* as it is: brackets in it are no markup, and it is one line."""
    return Text(one_line(str(value), LONGEST))
