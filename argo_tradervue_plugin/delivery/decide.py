"""
What becomes of executions that the journal does not show after their import.

Pure functions of what was sent, what Tradervue said of it, and the clock. What is
stored, or may be, is waited for: it is sent again only where it cannot be there.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.schedule import delay_before, delays, quota_again
from argo_tradervue_plugin.model.journal import ImportResult
from argo_tradervue_plugin.model.reasons import reason
from argo_tradervue_plugin.outbox.records import Row, State, Transition

__all__ = [
    "PATIENCE",
    "UNKNOWN_PATIENCE",
    "Sending",
    "Verdict",
    "again",
    "may_be_stored",
    "next_look",
    "verdict",
]

# Seconds after the last import in which what it left out may still show.
PATIENCE: Final = 900.0
# Seconds in which a later import may tell what became of an equal execution.
UNKNOWN_PATIENCE: Final = 3600.0
LONGEST_PAUSE: Final = 900.0
GROWTH: Final = 1.6  # from one pause between two looks to the next


class Verdict(StrEnum):
    """What is done with an execution that the journal does not show."""

    WAIT = "wait"  # the journal is searched again later
    SEND = "send"  # it goes again, with duplicates refused or counted
    BLAME = "blame"  # its import failed: whose fault it was is to be found out
    QUOTA = "quota"  # it waits for the next month, or for another plan
    REFUSE = "refuse"  # the plan does not take its kind of instrument
    UNKNOWN = "unknown"  # a person decides: whether it is stored is unknown
    UNSHOWN = "unshown"  # a person decides: Tradervue took it for a duplicate


@attrs.frozen(kw_only=True)
class Sending:
    """
    An import, and what the journal shows of it.

    *size* is how many executions were sent, *shown* how many of them were read back,
    *result* what Tradervue said, None where that is unknown. *finished_at* is when that
    was, *last_finished_at* when any import finished last. *is_later_shown* tells
    whether the journal has shown an import that was sent later.
    """

    size: int
    shown: int
    result: ImportResult | None
    now: float
    finished_at: float
    last_finished_at: float
    is_later_shown: bool = False

    @property
    def is_stored(self) -> bool:
        """Tell whether Tradervue has stored every execution, and said so."""
        said = self.result
        return (
            said is not None
            and said.error is None
            and said.exec_count == self.size
            and not (said.duplicate_count or said.left_out)
        )

    @property
    def can_show(self) -> int:
        """Return how many executions the journal may come to hold by what was said."""
        if self.result is None or not self.result.left_out:
            return self.size
        return min(self.size, self.result.exec_count + self.result.duplicate_count)

    @property
    def is_over(self) -> bool:
        """Tell whether what does not show by now is not there."""
        is_settled = self.now >= self.finished_at + PATIENCE
        is_quiet = self.now >= self.last_finished_at + PATIENCE
        return is_settled and (is_quiet or self.is_later_shown)


def may_be_stored(result: ImportResult | None) -> bool:
    """Tell whether an import that did not succeed may have stored some rows."""
    return result is None or bool(result.exec_count or result.duplicate_count)


def verdict(
    sending: Sending, *, is_twin: bool, is_unsure: bool, has_equal: bool
) -> Verdict:
    """
    Return what becomes of an execution that the journal does not show.

    *is_twin*: its import allows duplicates, or would have to. *is_unsure*: an import
    before may have stored it. *has_equal*: another execution of ours equals it.
    """
    result = sending.result
    if result is None or result.error is not None:
        return verdict_of_failure(sending, is_twin=is_twin)
    if sending.is_stored:
        return Verdict.WAIT
    if result.left_out:
        if sending.shown < sending.can_show and not sending.is_over:
            return Verdict.WAIT
        return Verdict.QUOTA if result.overquota_count else Verdict.REFUSE
    if is_unsure and result.duplicate_count and not has_equal:
        return Verdict.WAIT  # a duplicate of itself: the import before has stored it
    return Verdict.UNSHOWN if sending.is_over else Verdict.WAIT


def verdict_of_failure(sending: Sending, *, is_twin: bool) -> Verdict:
    """
    Return what becomes of an execution whose import failed, or has an unknown outcome.

    Duplicates are refused when it goes again, so that it cannot double: but for twins,
    which wait until a later import shows that the journal has caught up.
    """
    again = Verdict.SEND if sending.result is None else Verdict.BLAME
    if not is_twin or sending.is_later_shown or not may_be_stored(sending.result):
        return again
    is_over = sending.now >= sending.finished_at + UNKNOWN_PATIENCE
    return Verdict.UNKNOWN if is_over else Verdict.WAIT


def again(
    found: Verdict, rows: Sequence[Row], *, now: float, poll: float
) -> Transition:
    """
    Return when *rows* that the journal does not show go again, and why.

    Sent again with duplicates refused or counted, nothing can double.
    """
    due_at, why = quota_again(now), "quota"
    if is_sent := found is Verdict.SEND:
        first, longest = delays(poll)
        delay = delay_before(rows[0].attempts + 1, first=first, longest=longest)
        due_at, why = now + delay, "outcome_unknown"
    return Transition(
        state=State.RECORDED,
        rows=rows,
        reason=reason(why),
        due_at=due_at,
        is_attempt=is_sent,
        is_unsure=is_sent,
    )


def next_look(sending: Sending, looks: int, *, poll: float) -> float:
    """
    Return when the journal is searched again after so many *looks*.

    The pauses grow from *poll*; a moment at which something is decided is not missed.
    """
    due_at = sending.now + min(LONGEST_PAUSE, poll * GROWTH ** min(looks, 40))
    if sending.is_stored:
        return due_at
    ends = (
        sending.finished_at + PATIENCE,
        sending.last_finished_at + PATIENCE,
        sending.finished_at + UNKNOWN_PATIENCE,
    )
    return min([due_at, *(end for end in ends if end > sending.now)])
