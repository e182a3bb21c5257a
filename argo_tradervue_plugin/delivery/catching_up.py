"""Asking the host what it has stored, until its trackers have answered."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from argo_tradervue_plugin.delivery.asking import PATIENCE, Question
from argo_tradervue_plugin.delivery.schedule import delay_before
from argo_tradervue_plugin.errors import OutboxError, TrackerError, one_line
from argo_tradervue_plugin.guard import log, swallow

__all__ = ["CatchUp"]

AGAIN: Final = (5.0, 900.0)  # seconds until a tracker is asked again, growing


@attrs.define
class CatchUp:
    """
    Records what the outbox lacks of the host's trades: once, and after a loss again.

    *ask* asks every tracker and waits for none, *record* takes what one of them has.
    Where one fails, all are asked again after a pause, a longer one each time. One that
    does not answer is named, and waited for without holding anything up.
    """

    ask: Callable[[], Sequence[Question]]
    record: Callable[[list[Any]], None]
    failures: int = 0  # of trackers, in a row
    problem: str | None = None  # of the tracker that failed last, until all answered
    _done_with: int | None = None  # events that were lost when it was asked last
    _again_at: float = 0.0  # monotonic seconds
    _open: list[Question] = attrs.field(factory=list)
    _late: list[Question] = attrs.field(factory=list)

    @property
    def is_done(self) -> bool:
        """Tell whether every tracker has answered, and what it has is recorded."""
        return self._done_with is not None and not self._open

    def ask_again(self) -> None:
        """Ask at once: there is another tracker."""
        self._done_with, self._again_at = None, 0.0

    def step(self, lost: int) -> None:
        """
        Ask if it is time, and record what was answered; waits for nothing.

        *lost* is how many events were lost so far.

        Raises:
            OutboxError: it could not be recorded; nothing to do with the host.
        """
        if self._done_with != lost and time.monotonic() >= self._again_at:
            self._done_with = lost
            self._open += [each for each in self.ask() if each not in self._open]
        for question in list(self._open):
            if not question.is_open:
                self._take(question)
            elif question.age >= PATIENCE and question not in self._late:
                self._late.append(question)
                self._note_late(question)
        if not self._open and self._done_with == lost:
            self.failures, self.problem = 0, None

    def _take(self, question: Question) -> None:
        try:
            self.record(question.trades())
        except TrackerError as error:
            self._put_off(error)
        except OutboxError:
            raise  # its answer is kept
        except Exception as error:  # noqa: BLE001 - what the host stores may be anything
            swallow("catch_up", error)
        self._open.remove(question)
        if question in self._late:
            self._late.remove(question)

    def _note_late(self, question: Question) -> None:
        self.failures += 1
        self.problem = (
            f"the host's tracker {question.name} has not answered within {PATIENCE:g} s"
        )
        log.error(
            "tradervue.tracker_failed failures=%d error=%s: what no hook recorded is "
            "not forwarded before it answers, everything else is",
            self.failures,
            self.problem,
        )

    def _put_off(self, error: TrackerError) -> None:
        self.failures += 1
        self.problem = one_line(str(error))
        first, longest = AGAIN
        wait = delay_before(self.failures, first=first, longest=longest)
        self._done_with, self._again_at = None, time.monotonic() + wait
        if self.failures & (self.failures - 1) == 0:
            log.error(
                "tradervue.tracker_failed failures=%d retry_in=%.0fs error=%s: what no "
                "hook recorded is not forwarded before it answers",
                self.failures,
                wait,
                self.problem,
            )
