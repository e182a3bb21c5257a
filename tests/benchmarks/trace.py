"""
How many rooms the way of one entry leads through, from the hook to ``synced``.

Every function of the package that runs for it, in whatever thread, is counted once, so
is every module, and each call or return that leaves one module for another. The worker
is stepped by hand, and nothing waits; a first entry has made every connection before.
It says how much of the house somebody has to read who follows one trade.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType
from typing import Any, Final

import argo_tradervue_plugin
from argo_tradervue_plugin.outbox.records import State
from tests.benchmarks.figures import Figure, Scale, Tell
from tests.benchmarks.servers import running_journal
from tests.benchmarks.statements import Stepped
from tests.benchmarks.trades import events, made

__all__ = ["Trace", "measure"]

PACKAGE: Final = str(Path(argo_tradervue_plugin.__file__).parent) + "/"
SANDBOX: Final = PACKAGE + "sandbox/"


class Trace:
    """The functions and modules of the package that ran, and the changes between."""

    def __init__(self) -> None:
        self.functions: set[CodeType] = set()
        self.modules: set[str] = set()
        self.changes = 0
        self._last: dict[int, str] = {}  # the module in which each thread is

    @contextmanager
    def running(self) -> Iterator[None]:
        """Follow this thread, and all that begin meanwhile."""
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _see(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event not in {"call", "return"}:
            return
        module = frame.f_code.co_filename
        if not module.startswith(PACKAGE) or module.startswith(SANDBOX):
            return
        if event == "call":
            self.functions.add(frame.f_code)
            self.modules.add(module)
        thread = threading.get_ident()
        if self._last.get(thread, module) != module:
            self.changes += 1
        self._last[thread] = module


def measure(_scale: Scale, tell: Tell) -> list[Figure]:
    """Return what the second entry of an integration leads through."""
    tell("trace: one entry")
    first, second = events(made(2, seed=203))[::2]
    trace = Trace()
    with TemporaryDirectory() as name, running_journal() as journal:
        database = Path(name, "trace.db")
        with closing(Stepped(journal, database, "trace")) as stepped:
            stepped.record([first])
            stepped.drain()
            with trace.running():
                stepped.record([second])
                stepped.drain()
            states = stepped.outbox.counts()
            assert states[State.SYNCED] == sum(states.values()), states
    return [
        Figure("trace_functions", len(trace.functions), "", "functions", "≤ 200"),
        Figure("trace_modules", len(trace.modules), "", "modules", "≤ 26"),
        Figure("trace_changes", trace.changes, "", "changes of module", "≤ 400"),
    ]
