"""
What helps against each kind of difference, and why a repair leaves it as it is.

Pure: sentences made of a report.
"""

from collections.abc import Iterable, Iterator, Sized
from enum import Enum, auto
from typing import Final

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.matching.report import Difference, Missing, Report
from argo_tradervue_plugin.outbox.records import ASIDE

__all__ = ["Repaired", "advice"]

MOST_STEPS: Final = 10  # outcomes with their own sentence; the rest is in the list
COSTS: Final = frozenset({"commission"})


class Repaired(Enum):
    """What was done before the report was made."""

    NOT = auto()
    REPAIRED = auto()
    RESENT = auto()  # repaired, and what was deleted was sent again

    @classmethod
    def of(cls, repair: bool, resend_deleted: bool) -> "Repaired":
        """Return what the options ask for."""
        if not repair:
            return cls.NOT
        return cls.RESENT if resend_deleted else cls.REPAIRED


def advice(report: Report, repaired: Repaired = Repaired.NOT) -> Iterator[str]:
    """
    Yield what to do about what the list shows, a sentence for each kind.

    Each says what --repair does about it, or why it leaves it as it is.
    """
    by_state: dict[str, list[Missing]] = {}
    for one in report.missing:
        by_state.setdefault(one.state, []).append(one)
    for state, some in by_state.items():
        yield about_missing(state, some, repaired)
    yield from about_different(report.different, repaired)
    yield from about_places(report)
    for trade_id, _ in report.unusable[:1]:
        yield (
            f"{count(report.unusable, 'trade')} of the host cannot be sent: correct "
            f"{short(trade_id)} in the host, which then records it again"
        )
    for outcome in report.outcomes[:MOST_STEPS]:
        yield f"{short(outcome.trade_id)}: {outcome.sentence} ({outcome.next_step})"
    removable = [basic for basic in report.host_basics if not basic.comments]
    if removable:
        yield (
            f"{count(removable, 'basic trade')} of the host's old sync: "
            "--remove-host-basics asks for each, and deletes it"
        )


def about_missing(state: str, some: list[Missing], repaired: Repaired) -> str:
    """Return what to do about host trades in *state* that the journal does not show."""
    trades, first = count(some, "trade"), short(some[0].trade_id)
    if state == "not recorded":
        return f"{trades} missing that no hook recorded: --repair sends what is missing"
    if state == "pending":
        return (
            f"{trades} on the way to the journal: wait, `argo-tradervue status` says "
            "for what"
        )
    if state == "deleted" and repaired is Repaired.RESENT:
        return (
            f"{trades} deleted but for a part, which --resend-deleted leaves: it would "
            "be there twice; delete the rest in Tradervue and run this again, or "
            f"--accept {first}"
        )
    if state == "deleted":
        return (
            f"{trades} deleted in the journal, which --repair leaves as somebody "
            "decided: --repair --resend-deleted sends what was deleted again, or "
            f"--accept {first}"
        )
    if state in ASIDE:
        return (
            f"{trades} missing and {state}, which --repair leaves to a person: "
            f"argo-tradervue quarantine retry {first}, or --accept {first}"
        )
    return (
        f"{trades} not in the journal any more ({state}): --repair looks for them, "
        f"argo-tradervue status says more, or --accept {first}"
    )


def about_different(
    different: Iterable[Difference], repaired: Repaired
) -> Iterator[str]:
    """Yield what to do about trades that the journal shows otherwise."""
    by_trade: dict[str, list[Difference]] = {}
    for one in different:
        by_trade.setdefault(one.trade_id, []).append(one)
    costs = [i for i, some in by_trade.items() if {d.field for d in some} <= COSTS]
    apart = [i for i, some in by_trade.items() if any(map(is_elsewhere, some))]
    rest = [i for i in by_trade if i not in costs and i not in apart]
    if costs and repaired is Repaired.NOT:
        yield f"{count(costs, 'trade')} with another commission: --repair sends it"
    elif costs:
        yield (
            f"{count(costs, 'trade')} with another commission, which --repair has "
            "asked for: where it stays, Tradervue does not take it (the plan may not "
            f"have commissions); --accept {short(costs[0])}"
        )
    if apart:
        yield (
            f"{count(apart, 'trade')} split in the journal, which --repair leaves as "
            "somebody decided: merge the journal trades in Tradervue, or --accept "
            f"{short(apart[0])}"
        )
    if rest:
        first = (
            "--repair sends an exit that is missing; what was sent it leaves, since"
            if repaired is Repaired.NOT
            else "--repair leaves what was sent, since"
        )
        yield (
            f"{count(rest, 'trade')} different: {first} the API corrects no execution. "
            "Edit the execution in Tradervue, or let argo-tradervue resend "
            f"{short(rest[0])} replace the trade there, or --accept {short(rest[0])}"
        )


def about_places(report: Report) -> Iterator[str]:
    """Yield what to do about journal trades, of which --repair deletes none."""
    for journal_id in [*report.shared][:1]:
        yield (
            f"{count(report.shared, 'journal trade')} with several trades of the host, "
            f"which --repair cannot split: split {journal_id} in Tradervue, or "
            f"--accept {journal_id}"
        )
    for _, journal_id in report.duplicated[:1]:
        yield (
            f"{count(report.duplicated, 'copy', 'copies')} in the journal, which "
            f"--repair does not delete: delete {journal_id} in Tradervue, or --accept "
            f"{journal_id}"
        )
    for journal_id in report.unknown_tagged[:1]:
        yield (
            f"{count(report.unknown_tagged, 'journal trade')} with our tag of no trade "
            f"of the host, which --repair does not delete: delete {journal_id} in "
            f"Tradervue, or --accept {journal_id}; after a lost outbox run "
            "argo-tradervue relink"
        )


def is_elsewhere(difference: Difference) -> bool:
    """Tell whether a difference names another journal trade as the place of a part."""
    return difference.journal.startswith("in journal trade ")


def count(some: Sized, one: str, several: str = "") -> str:
    """Return how many there are in words."""
    number = len(some)
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def short(trade_id: str) -> str:
    """Return an id as a person gives it to a command."""
    return one_line(trade_id, 200)
