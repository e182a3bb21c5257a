"""
Asking a tracker of the host's for its trades, beside everything else.

It may be slow, or hang for ever on a server of its own. So each question has a thread
of its own, whoever waits for the answer does so for a bounded time, and a tracker that
has not answered is not asked once more.
"""

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from argo_tradervue_plugin.errors import TrackerError, one_line
from argo_tradervue_plugin.process.forking import Lock

__all__ = ["PATIENCE", "Asker", "Question", "trades_of"]

PATIENCE: Final = 10.0  # seconds that a caller waits, and after which it is said


class Question:
    """What *tracker* has of the last *days* days; *then* is called with the answer."""

    def __init__(
        self, tracker: Any, days: int, then: Callable[[], None] = lambda: None
    ) -> None:
        self.tracker: Any = tracker
        self.name = type(tracker).__name__
        self.days = days
        self.began = time.monotonic()
        self._then = then
        self._pid = os.getpid()
        self._answered = threading.Event()
        self._trades: list[Any] = []
        self._error: Exception | None = None
        thread = threading.Thread(
            target=self._ask, name="argo-tradervue-tracker", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:  # no thread is to be had
            self._error = error
            self._answered.set()

    def _ask(self) -> None:
        try:
            self._trades = trades_of(self.tracker, self.days)
        except Exception as error:  # noqa: BLE001 - who knows what a tracker does
            self._error = error
        self._answered.set()
        self._then()

    @property
    def is_open(self) -> bool:
        """Tell whether the answer may still come: a fork leaves the thread behind."""
        return not self._answered.is_set() and self._pid == os.getpid()

    @property
    def age(self) -> float:
        """Return the seconds since the tracker was asked."""
        return time.monotonic() - self.began

    def wait(self, seconds: float) -> bool:
        """Wait for the answer; tell whether it is there."""
        return not self.is_open or self._answered.wait(max(0.0, seconds))

    def trades(self) -> list[Any]:
        """
        Return the answer.

        Raises:
            TrackerError: there is none yet, or the tracker failed.
        """
        if not self._answered.is_set():
            raise TrackerError(
                f"the host's tracker {self.name} has not answered within "
                f"{self.age:.0f} s"
            )
        if self._error is not None:
            raise TrackerError(
                f"the host's tracker {self.name} failed to list its trades: "
                f"{described(self._error)}"
            ) from self._error
        return self._trades


class Asker:
    """Asks trackers, each of them one question at a time; for any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        # While it is open its thread keeps it; after that nothing here does, nor the
        # tracker, of which a host may make a new one.
        self._open: weakref.WeakSet[Question] = weakref.WeakSet()

    def ask(
        self, trackers: Iterable[Any], days: int, then: Callable[[], None]
    ) -> list[Question]:
        """
        Return a question to each of *trackers*, asked by now; waits for nothing.

        One to which the same question is open is not asked again, and one that has
        another question open is not asked this one before that is answered: its
        question here is the other.
        """
        with self._lock:
            open_ones = [each for each in self._open if each.is_open]
            questions = []
            for tracker in trackers:
                found = next((q for q in open_ones if q.tracker is tracker), None)
                if found is None:
                    found = Question(tracker, days, then)
                    self._open.add(found)
                questions.append(found)
        return questions

    def answers(
        self, trackers: Iterable[Any], days: int, patience: float
    ) -> tuple[list[Any], list[TrackerError]]:
        """Return what the trackers have, and how some of them failed or were late."""
        deadline = time.monotonic() + patience
        trades: list[Any] = []
        failures: list[TrackerError] = []
        for tracker in trackers:
            try:
                trades += self._answer(tracker, days, deadline)
            except TrackerError as error:
                failures.append(error)
        return trades, failures

    def _answer(self, tracker: Any, days: int, deadline: float) -> list[Any]:
        while True:
            [question] = self.ask([tracker], days, lambda: None)
            question.wait(deadline - time.monotonic())
            if question.days == days or question.is_open:
                return question.trades()


def trades_of(tracker: Any, days: int) -> list[Any]:
    """Return the trades of *tracker*; the trading loop may add one meanwhile."""
    tries = 3
    while True:
        tries -= 1
        try:
            # The host has no other way to enumerate its trades.
            found = tracker._get_recent_trades(days=days)  # noqa: SLF001
            if hasattr(type(found), "itertuples"):  # a dataframe, whose items are names
                return list(found.itertuples())
            return list(found.values() if isinstance(found, Mapping) else found)
        except RuntimeError:  # its dictionary changed under our hands
            if not tries:
                raise


def described(error: Exception) -> str:
    """Return what *error* says, also where it cannot say it."""
    try:
        return one_line(f"{type(error).__name__}: {error}")
    except Exception:  # noqa: BLE001 - the host's own class
        return type(error).__name__
