"""
The last metrics of each period: who asks for them, who makes them, and where they are.

They are kept in the outbox, and each process has a copy in memory, from which it
answers at once. A period that was never computed is computed by the process that is
asked for it; whoever forwards computes the others again. Both happen on a thread of
their own, so that neither an event loop nor a delivery waits for it.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from decimal import setcontext
from typing import Any, Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.schedule import delay_after
from argo_tradervue_plugin.errors import (
    OutboxError,
    TimedOut,
    TradervueError,
    one_line,
)
from argo_tradervue_plugin.guard import guard, log, swallow
from argo_tradervue_plugin.outbox.engine import settle_here
from argo_tradervue_plugin.outbox.records import ResultRow
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.process.forking import Lock
from argo_tradervue_plugin.process.sums import EXACT
from argo_tradervue_plugin.services.performance import Performance, Stopped, drop_oldest
from argo_tradervue_plugin.services.result import Result

__all__ = ["Answer", "Results", "is_out_of_date", "nearest"]

Period = tuple[date, date]

MOST: Final = 64  # periods that are kept, those asked for last
RECENT: Final = 86_400.0  # seconds; what was not asked for since is not refreshed
NOTED: Final = 60.0  # seconds in which a period is noted once as asked for
LOOK: Final = 0.05  # seconds between two looks whether a refresh has arrived
# Seconds that a caller who may wait has for what has just been synced to be in it.
GRACE: Final = 2.0
TEND: Final = 0.2  # seconds; the worker's steps may be shorter


@attrs.frozen(kw_only=True)
class Answer:
    """
    A result, and how it answers the question.

    *is_current*: it is of the period that was asked for, no older than the settings
    allow, and has all that was synced. *trouble* says in words why there is no newer
    one, where that is so.
    """

    result: Result
    is_current: bool
    trouble: str | None = None

    @property
    def start(self) -> date:
        """Return the first day of the period that the figures are of."""
        return self.result.start

    @property
    def end(self) -> date:
        """Return its last day."""
        return self.result.end

    @property
    def as_of(self) -> str:
        """Return how old the figures are; see :attr:`.Result.as_of_text`."""
        return self.result.as_of_text

    def front_end(self) -> dict[str, Any]:
        """See :meth:`.Result.front_end`."""
        return self.result.front_end()

    def as_json(self) -> dict[str, Any]:
        """See :meth:`.Result.as_json`."""
        return self.result.as_json()


@attrs.define(eq=False)
class Job:
    """A period to be computed; *done* once it was, or *error* says why not."""

    period: Period
    done: threading.Event = attrs.field(factory=threading.Event)
    error: Exception | None = None


class Results:
    """
    What the metrics of any period were last.

    *wake* starts the process's worker, which calls :meth:`tend` and :meth:`refresh`.
    *stopping* is what ends the reading of *performance*. *clock* returns Unix seconds.
    """

    def __init__(
        self,
        performance: Performance,
        outbox: Outbox,
        settings: Settings,
        *,
        wake: Callable[[], None],
        stopping: threading.Event,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._performance = performance
        self._outbox = outbox
        self._settings = settings
        self._wake = wake
        self._stopping = stopping
        self._clock = clock
        self._copies: dict[Period, Result] = {}
        self._kept: dict[Period, ResultRow] = {}
        self._asked: dict[Period, float] = {}
        self._missing: set[Period] = set()
        self._synced_step = 0
        self._through: int | None = None  # the step up to which that was looked for
        self._tended_at = 0.0
        self._trouble: str | None = None
        self._failures = 0
        self._rests_until = 0.0
        self._lock = Lock()
        self._copying = Lock()
        self._begin_in_process()

    def _begin_in_process(self) -> None:
        self._pid = os.getpid()
        self._jobs: dict[Period, Job] = {}
        self._queue: deque[Job] = deque()
        self._thread: threading.Thread | None = None

    # What callers ask.

    def at_once(self, start: date, end: date) -> Answer | None:
        """
        Return what is in memory of a period; waits for nothing.

        Where the period was never computed that is the last result of the same length,
        and its own is made behind; None only where there is none of that length.
        """
        period = (start, end)
        self._miss(period)
        self._note(period)
        return self._answer(period)

    def within_time(self, start: date, end: date) -> Answer:
        """
        Return the last result of a period; computes one that was never computed.

        Waits for at most ``timeout_seconds``, and where something was synced since the
        last result some seconds for the next. After that, or where the journal cannot
        be read, it is the last result of the same length.

        Raises:
            TradervueError: there is none of that length.
        """
        period = (start, end)
        self._note(period)
        with suppress(OutboxError):  # what is in memory is an answer all the same
            self._copy()
        if period in self._copies:
            self._wait_for_refresh(period)
        else:
            self._compute_now(period)
        answer = self._answer(period)
        if answer is None:
            raise TimedOut(
                f"the metrics from {start} to {end} take longer than "
                f"{self._settings.timeout_seconds:g} s; they are made behind this call"
            )
        return answer

    def _compute_now(self, period: Period) -> None:
        if self._is_resting and self._answer(period) is not None:
            self._miss(period)  # the journal could not be read a moment ago
            return
        job = self._enqueue(period)
        job.done.wait(self._settings.timeout_seconds)
        if job.error is not None and self._answer(period) is None:
            raise job.error

    def _wait_for_refresh(self, period: Period) -> None:
        deadline = time.monotonic() + GRACE
        while (
            (copy := self._copies.get(period)) is not None
            and copy.step < self._synced_step
            and not self._is_resting
            and time.monotonic() < deadline
        ):
            self._wake()
            time.sleep(LOOK)
            with suppress(OutboxError):
                self._copy()

    def _answer(self, period: Period) -> Answer | None:
        copies = self._copies
        result = copies.get(period) or nearest(period, [*copies.values()])
        if result is None:
            return None
        is_own = (result.start, result.end) == period
        return Answer(
            result=result,
            is_current=is_own and not self._is_out_of_date(result),
            trouble=self._trouble,
        )

    def _is_out_of_date(self, result: Result) -> bool:
        return is_out_of_date(
            result,
            now=self._clock(),
            synced_step=self._synced_step,
            max_age=self._performance.max_age,
        )

    @property
    def _is_resting(self) -> bool:
        return time.monotonic() < self._rests_until

    def _miss(self, period: Period) -> None:
        """Let a period be computed behind, unless that was done before."""
        if period not in self._copies and len(self._missing) < MOST:
            self._missing.add(period)

    def _note(self, period: Period) -> None:
        now = self._clock()
        before = self._asked.get(period)
        if period in self._copies and before is not None and 0 <= now - before < NOTED:
            return
        self._asked[period] = now
        self._wake()

    # What the worker of each process does once a second, and whoever forwards.

    def tend(self) -> None:
        """
        Copy what others have computed, and note and make what was asked for here.

        Never raises: where the outbox is broken, it is tried again.
        """
        now = time.monotonic()
        if now - self._tended_at >= TEND:
            self._tended_at = now
            with guard("metrics"), suppress(OutboxError):
                self._tend()

    def _tend(self) -> None:
        self._copy()
        while self._missing and not self._is_resting:
            self._enqueue(self._missing.pop())
        asked = {
            period: at
            for period, at in dict(self._asked).items()
            if period in self._kept and abs(at - self._kept[period].asked_at) >= NOTED
        }
        if asked:
            with self._outbox.maintain() as writer:
                for (start, end), at in asked.items():
                    writer.ask_result(start, end, now=at)
        drop_oldest(self._asked, MOST)

    def refresh(self) -> None:
        """Let the oldest result that is out of date be computed again, if any is."""
        with guard("metrics"):
            self._refresh()

    def _refresh(self) -> None:
        now = self._clock()
        due = [
            (copy.computed_at, period)
            for period, copy in dict(self._copies).items()
            if (row := self._kept.get(period)) is not None
            and abs(now - row.asked_at) < RECENT
            and self._is_out_of_date(copy)
        ]
        if due and not self._is_busy() and not self._is_resting:
            self._enqueue(min(due)[1])

    def _copy(self) -> None:
        """Read what has been kept since, by any process."""
        now = self._clock()
        with self._copying:
            rows = {(row.start, row.end): row for row in self._outbox.results()}
            for period, row in rows.items():
                copy = self._copies.get(period)
                if copy is None or not row.computed_at <= copy.computed_at <= now:
                    self._take(period, row)
            for period in self._kept.keys() - rows.keys():
                self._copies.pop(period, None)
            self._kept = rows
            if self._copies:
                after = self._through
                if after is None:
                    after = min(copy.step for copy in self._copies.values())
                self._through, step = self._outbox.last_synced_step(after)
                self._synced_step = max(self._synced_step, step)

    def _take(self, period: Period, row: ResultRow) -> None:
        text = self._outbox.result(*period)
        if text is None:  # its place was taken meanwhile
            return
        try:
            self._copies[period] = Result.from_text(
                text, start=row.start, end=row.end, computed_at=row.computed_at
            )
        except (ValueError, KeyError, TypeError) as error:  # of another version, say
            log.debug("tradervue.result_not_understood error=%r", error)

    # The thread that computes.

    def _is_busy(self) -> bool:
        return self._pid == os.getpid() and bool(self._jobs)

    def _enqueue(self, period: Period) -> Job:
        if self._pid != os.getpid():  # the parent's thread is not here
            self._begin_in_process()
        with self._lock:
            job = self._jobs.get(period)
            if job is None:
                job = self._jobs[period] = Job(period)
                self._queue.append(job)
                if self._thread is None:
                    self._start()
        return job

    def _start(self) -> None:
        thread = threading.Thread(
            target=self._run, name="argo-tradervue-metrics", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:  # the interpreter ends
            for job in self._queue:
                job.error = Stopped(f"no thread could be started: {error}")
                job.done.set()
            self._queue.clear()
            self._jobs.clear()
        else:
            self._thread = thread

    def _run(self) -> None:
        settle_here()
        setcontext(EXACT.copy())
        try:
            while (job := self._next()) is not None:
                self._do(job)
                with self._lock:
                    self._jobs.pop(job.period, None)
                job.done.set()
        finally:
            self._outbox.close()

    def _next(self) -> Job | None:
        with self._lock:
            if not self._queue:
                self._thread = None
                return None
            return self._queue.popleft()

    def _do(self, job: Job) -> None:
        try:
            self._keep(self._performance.metrics(*job.period))
        except Exception as error:  # noqa: BLE001 - the thread must outlive anything
            job.error = error
            if not self._stopping.is_set():  # otherwise the client may be closed
                self._note_failure(error)
        else:
            self._trouble, self._failures, self._rests_until = None, 0, 0.0

    def _note_failure(self, error: Exception) -> None:
        self._failures += 1
        pause = delay_after(error, self._failures, poll=self._settings.first_poll)
        self._rests_until = time.monotonic() + pause
        self._trouble = one_line(str(error)) or type(error).__name__
        if not isinstance(error, TradervueError):
            swallow("metrics", error)
        elif self._failures == 1:
            log.warning(
                "tradervue.metrics_delayed error=%s: until the journal can be read "
                "metrics answer with their last result",
                self._trouble,
            )

    def _keep(self, result: Result) -> None:
        period = (result.start, result.end)
        self._copies[period] = result
        drop_oldest(self._copies, 2 * MOST)
        row = ResultRow(
            start=result.start,
            end=result.end,
            computed_at=result.computed_at,
            asked_at=self._asked.get(period, self._clock()),
        )
        try:
            with self._outbox.maintain() as writer:
                writer.keep_result(row, result.text, most=MOST, now=self._clock())
        except OutboxError as error:  # a full disk: this process has it all the same
            log.debug("tradervue.result_not_kept error=%s", error)

    def stop(self, timeout: float) -> None:
        """End the reading; wait at most *timeout* seconds for it."""
        self._stopping.set()
        thread = self._thread
        if thread is not None and self._pid == os.getpid():
            thread.join(timeout)


def is_out_of_date(
    result: Result, *, now: float, synced_step: int, max_age: float
) -> bool:
    """
    Tell whether a result should be computed again.

    *synced_step* is the last step of the history that synced something, *now* Unix
    seconds, *max_age* seconds. A result of a time to come was made by a clock that has
    been set back since.
    """
    return result.step < synced_step or not 0 <= now - result.as_of <= max_age


def nearest(period: Period, results: Iterable[Result]) -> Result | None:
    """Return the result of the same length with the nearest days, None without any."""
    start, end = period
    alike = [each for each in results if each.end - each.start == end - start]
    return min(
        alike, key=lambda each: (abs(each.end - end), -each.computed_at), default=None
    )
