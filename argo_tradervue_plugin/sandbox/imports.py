"""
The import slot of a user and its one result mailbox.

    state        GET answers         and then            POST answers
    ready        ready               -                   200, queued
    queued       queued              -                   424
    processing   processing          -                   424
    succeeded    succeeded, info     the mailbox is      200; the unread result
    failed       failed, info        empty: ready        is lost

Source: API documentation, imports.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .booking import Order, Outcome

Finish = Callable[[Order], Outcome]


def state_after(elapsed: float, seconds: float) -> str:
    """
    Return the state of an import *elapsed* seconds after its POST.

    The first half of the *seconds* that it takes it is queued, then processing, and
    in the end ``finished``.
    """
    if elapsed >= seconds:
        return "finished"
    return "queued" if elapsed < seconds / 2 else "processing"


@dataclass
class Slot:
    """
    One import at a time, one result.

    Nothing runs in the background: `settle`, called before each look, derives the state
    from the clock and processes the import when its time has come. With *seconds* None
    it advances by hand only.
    """

    state: str = "ready"
    order: Order | None = None
    outcome: Outcome | None = None
    posted_at: float = 0.0
    seconds: float | None = 0.0
    is_stuck: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether a POST is answered with 424."""
        return self.order is not None

    @property
    def due_at(self) -> float:
        """When the clock finishes the import, whenever somebody looks."""
        return self.posted_at + (self.seconds or 0.0)

    def post(self, order: Order, now: float, seconds: float | None) -> None:
        """Queue *order*. An unread result is lost."""
        self.state, self.order, self.outcome = "queued", order, None
        self.posted_at, self.seconds, self.is_stuck = now, seconds, False

    def settle(self, now: float, finish: Finish) -> None:
        """Let the import come as far as it is at *now*, a monotonic time in seconds."""
        if self.order is None or self.seconds is None:
            return
        state = state_after(now - self.posted_at, self.seconds)
        if state == "finished" and not self.is_stuck:
            self._finish(self.order, finish)
        else:
            self.state = "processing" if state == "finished" else state

    def release(self, now: float) -> None:
        """Let a stuck import run on: one that is overdue finishes at *now*."""
        if self.is_stuck and self.seconds is not None:
            self.seconds = max(self.seconds, now - self.posted_at)
        self.is_stuck = False

    def advance(self, finish: Finish) -> None:
        """Go one step on by hand, stuck or not: processing, then finished."""
        if self.order is None:
            return
        if self.state == "queued":
            self.state = "processing"
            # From here on the clock has no say.
            self.seconds = None
        else:
            self._finish(self.order, finish)

    def read(self) -> dict[str, object]:
        """Return what GET answers. A result is read once, then the slot is ready."""
        answer: dict[str, object] = {"status": self.state}
        if self.outcome is not None:
            answer["info"] = self.outcome.info()
            self.clear()
        return answer

    def clear(self) -> bool:
        """Empty the mailbox, as a reader does; tell whether there was a result."""
        if self.outcome is None:
            return False
        self.state, self.outcome = "ready", None
        return True

    def _finish(self, order: Order, finish: Finish) -> None:
        self.outcome = finish(order)
        self.state, self.order = self.outcome.status, None
