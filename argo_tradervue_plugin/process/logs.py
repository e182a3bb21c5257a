"""
The one place through which every log line of ours goes.

The host's logging is the host's: a handler or a filter may raise, hang, or call back
into us. So a thread of its own hands the lines to it, and whoever has something to say
waits for that a moment only, and never again while the handlers are behind.
"""

import atexit
import logging
import os
import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from queue import Empty, SimpleQueue
from typing import Final

import attrs

__all__ = ["Log", "hurried", "unlogged"]

# Seconds that a line is waited for, so that lines and what follows them keep their
# order where the handlers are quick. A hook stands on the trading loop.
MOMENT: Final = 0.25
IN_A_HOOK: Final = 0.01
MOST: Final = 1000  # lines that wait; what is beyond is counted
AT_EXIT: Final = 0.5  # seconds that the last lines have while the process ends
IDLE: Final = 5.0  # seconds without a line, after which the thread ends


class Inside(threading.local):
    """A block of code, for the thread that is inside."""

    depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1


class Here(threading.local):
    """Whether this thread is inside the host's handlers."""

    is_emitting = False


@attrs.frozen(eq=False)
class Line:
    """A record on its way, in the context in which it was made."""

    record: logging.LogRecord
    context: Context
    is_out: threading.Event = attrs.field(factory=threading.Event)


class Log:
    """
    Says things through the logger called *name*; never raises, never waits for long.

    *failed* is called with what the host's logging has raised.
    """

    def __init__(self, name: str, failed: Callable[[BaseException], None]) -> None:
        self._logger = logging.getLogger(name)
        self._failed = failed
        self._here = Here()
        self._ends_well = False
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """Begin with nothing to say: what the parent has not said yet, it says."""
        self._lines: SimpleQueue[Line] = SimpleQueue()
        self._is_running = False
        self._last: Line | None = None
        self._late: Line | None = None  # the last that was not waited for any longer
        self._dropped = 0

    def log(self, level: int, text: str, *args: object) -> None:
        """Say something of *level*."""
        self._say(level, text, args)

    def debug(self, text: str, *args: object) -> None:
        """Say what helps to find a fault."""
        self._say(logging.DEBUG, text, args)

    def info(self, text: str, *args: object) -> None:
        """Say what goes as it should."""
        self._say(logging.INFO, text, args)

    def warning(self, text: str, *args: object) -> None:
        """Say what passes by itself."""
        self._say(logging.WARNING, text, args)

    def error(
        self, text: str, *args: object, exc_info: BaseException | None = None
    ) -> None:
        """Say what a person should see to."""
        self._say(logging.ERROR, text, args, exc_info)

    def is_enabled_for(self, level: int) -> bool:
        """Tell whether anybody wants lines of *level*."""
        return self._logger.isEnabledFor(level)

    def settle(self, seconds: float) -> bool:
        """Wait until every line so far is out; tell whether it is."""
        last = self._last
        return last is None or last.is_out.wait(seconds)

    def _say(
        self,
        level: int,
        text: str,
        args: tuple[object, ...],
        error: BaseException | None = None,
    ) -> None:
        try:
            if unlogged.depth or not self._logger.isEnabledFor(level):
                return
            line = Line(self._record(level, text, args, error), copy_context())
        except Exception as failure:  # noqa: BLE001 - the host's own record factory
            self._failed(failure)
            return
        self._hand_over(line)

    def _record(
        self,
        level: int,
        text: str,
        args: tuple[object, ...],
        error: BaseException | None,
    ) -> logging.LogRecord:
        path, number, function, _ = self._logger.findCaller(stacklevel=4)
        shown = None if error is None else (type(error), error, error.__traceback__)
        return self._logger.makeRecord(
            self._logger.name, level, path, number, text, args, shown, function
        )

    def _hand_over(self, line: Line) -> None:
        if self._lines.qsize() >= MOST:
            self._dropped += 1
            return
        self._lines.put(line)
        self._last = line
        if not self._is_running and not self._start():
            self._drain()  # the interpreter ends: there is no thread to be had
        # A handler that calls back into us is not waited for by itself.
        if self._here.is_emitting:
            return
        is_behind = self._late is not None and not self._late.is_out.is_set()
        patience = IN_A_HOOK if hurried.depth else MOMENT
        self._late = None
        if is_behind or not line.is_out.wait(patience):
            self._late = line

    def _start(self) -> bool:
        self._is_running = True
        thread = threading.Thread(
            target=self._run, name="argo-tradervue-log", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            self._is_running = False
            return False
        if not self._ends_well:
            self._ends_well = True
            atexit.register(self.settle, AT_EXIT)
        return True

    def _run(self) -> None:
        while True:
            try:
                line = self._lines.get(timeout=IDLE)
            except Empty:
                # Who comes between these two lines has seen that this thread runs.
                self._is_running = False
                if self._lines.empty():
                    return
                self._is_running = True
                continue
            self._emit(line)
            if self._lines.empty():
                self._count_dropped()

    def _drain(self) -> None:
        if self._here.is_emitting:
            return
        while True:
            try:
                self._emit(self._lines.get_nowait())
            except Empty:
                return

    def _emit(self, line: Line) -> None:
        self._here.is_emitting = True
        try:
            line.context.run(self._logger.handle, line.record)
        except BaseException as failure:  # noqa: BLE001 - in our own thread
            self._failed(failure)
        finally:
            self._here.is_emitting = False
            line.is_out.set()

    def _count_dropped(self) -> None:
        dropped, self._dropped = self._dropped, 0
        if dropped:
            self._here.is_emitting = True  # it is this thread that would be waited for
            self.warning(
                "tradervue.log_lines_dropped lines=%d: the handlers of the host's "
                "logging were too slow for them",
                dropped,
            )
            self._here.is_emitting = False


hurried: Final = Inside()  # lines are waited for next to nothing
unlogged: Final = Inside()  # nothing is said: what happens there has not happened
