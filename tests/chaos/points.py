"""
The named points at which a process dies, and how it gets to them.

The product knows nothing of this: within a process that may die, its own functions
are wrapped. A point is armed by a file of its name in a folder that all processes
share; the process that passes the point and takes the file away is the one that dies,
or stands still. So it is exactly one, however many pass.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final

__all__ = [
    "BASICS",
    "IN_TRANSACTION",
    "POINTS",
    "RESENDING",
    "STANDSTILLS",
    "Fate",
    "install",
]

Pass = Callable[[str], None]

POINTS: Final[Mapping[str, str]] = {
    "event_begun": "in the hook, before the event was written",
    "event_appended": "in the hook, before it is sure that the event stays",
    "event_written": "in the hook, after the event was written",
    "events_taken": "after the hooks' file was taken away from them",
    "events_moved": "after events were copied from there into the database",
    "lease_taken": "after the lease",
    "events_understood": "after events became executions",
    "further_planned": "in the transaction that plans a leg of several parts",
    "further_linked": "in the transaction that links a leg of several parts",
    "import_half_noted": "in the transaction that notes an import's executions",
    "import_noted": "after the import was noted",
    "import_going_out": "before the first byte of the import",
    "import_sent": "after it was sent, before there is an answer",
    "import_answered": "after the 200",
    "status_next": "before the status read",
    "status_asked": "while the answer that clears the status is on its way",
    "status_read": "after the status read",
    "outcome_stored": "after the outcome was stored",
    "journal_read": "after the journal was read, before links are stored",
    "read_back": "after the read back",
    "import_settled": "after the import was settled",
    "notes_going_out": "annotating: before the first byte",
    "notes_sent": "annotating: sent, before there is an answer",
    "notes_answered": "annotating: after the 200",
    "trade_synced": "annotating: after one trade of several",
    "lease_going_back": "at shutdown, before the lease is given back",
    "basic_going_out": "showing a refused trade: before the first byte",
    "basic_sent": "showing a refused trade: sent, before there is an answer",
    "basic_answered": "showing a refused trade: after the 200",
}

# Only met where a person has a trade replaced in the journal.
RESENDING: Final[Mapping[str, str]] = {
    "copy_saved": "after what is to be deleted was saved in a file",
    "resend_asked": "after it was noted what a person wants",
    "resend_begins": "before the trade is looked at in the journal",
    "executions_held": "in the transaction that keeps what moves along",
    "resend_begun": "after that was kept",
    "deletion_next": "before the last look at what is deleted",
    "deletion_going_out": "before the first byte of the deletion",
    "deletion_sent": "after it was sent, before there is an answer",
    "deletion_answered": "after the 200, before that is kept",
    "deletion_kept": "after that was kept",
    "started_over": "in the transaction that lets the trade go as new",
    "resend_checked": "after the journal showed nothing of it any more",
    "belongings_next": "read back, before what people wrote moves along",
    "belongings_moved": "after it was moved, and that was kept",
}

# Only met where the journal refuses something.
BASICS: Final = ("basic_going_out", "basic_sent", "basic_answered")

# Who stands still here holds the lock that every writer needs.
IN_TRANSACTION: Final = "import_half_noted"
# Where a process may stand still until its lease is another's, and then go on.
STANDSTILLS: Final = (
    IN_TRANSACTION,
    "import_noted",
    "import_sent",
    "import_answered",
    "status_asked",
    "status_read",
    "journal_read",
    "notes_going_out",
    "notes_answered",
)

STOPPING: Final = 0.05  # seconds, of which the standstill is no part

# On the wire, as httpcore tells what it does: method, path, what was done.
ON_THE_WIRE: Final = {
    ("POST", "/imports", "send_request_headers.started"): "import_going_out",
    ("POST", "/imports", "send_request_body.complete"): "import_sent",
    ("GET", "/imports", "send_request_body.complete"): "status_asked",
    ("PUT", "/trades", "send_request_headers.started"): "notes_going_out",
    ("PUT", "/trades", "send_request_body.complete"): "notes_sent",
    ("POST", "/trades", "send_request_headers.started"): "basic_going_out",
    ("POST", "/trades", "send_request_body.complete"): "basic_sent",
    ("DELETE", "/trades", "send_request_headers.started"): "deletion_going_out",
    ("DELETE", "/trades", "send_request_body.complete"): "deletion_sent",
}


class Fate:
    """
    What a process meets at the points that it passes.

    *folder* holds a file ``<point>.<passes>.<kill|stop>`` for each armed point; *tell*
    gets to know of what happens, just before it does.
    """

    def __init__(self, folder: Path, tell: Callable[..., None]) -> None:
        self.folder = folder
        self.tell = tell

    @staticmethod
    def arm(folder: Path, point: str, *, passes: int = 1, act: str = "kill") -> None:
        """Let a process die (or stop) when *point* is passed the *passes*-th time."""
        (folder / f"{point}.{passes}.{act}").touch()

    @staticmethod
    def disarm(folder: Path) -> None:
        """Let everybody live."""
        for path in folder.iterdir():
            path.unlink(missing_ok=True)

    def pass_by(self, point: str) -> None:
        """Pass *point*, and do not come back where it is armed."""
        for name in os.listdir(self.folder):  # noqa: PTH208 - hooks pass by here
            armed, passes, act = name.split(".")
            if armed != point:
                continue
            path = self.folder / name
            try:
                if passes != "1":
                    path.rename(self.folder / f"{point}.{int(passes) - 1}.{act}")
                    return
                path.unlink()
            except FileNotFoundError:
                return  # another process was faster
            if act == "kill":
                self.tell("dies", point)
                os.kill(os.getpid(), signal.SIGKILL)
            self.tell("stops", point)
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(STOPPING)  # another thread may be the first to stand still
            self.tell("goes_on", point)


def install(fate: Fate) -> None:
    """Wrap the product's functions in this process."""
    from argo_tradervue_plugin.delivery import (
        annotator,
        importer,
        linker,
        pipeline,
        resend,
    )
    from argo_tradervue_plugin.outbox.records import ResendStage
    from argo_tradervue_plugin.outbox.spool import AppendedFile, Spool
    from argo_tradervue_plugin.outbox.store import Outbox
    from argo_tradervue_plugin.outbox.writer import Writer
    from argo_tradervue_plugin.services.resends import Resends
    from argo_tradervue_plugin.tradervue.client import TradervueClient

    def around(owner: Any, name: str, before: str = "", after: str = "") -> None:
        watch(fate.pass_by, owner, name, before=before, after=after)

    around(Outbox, "record", "event_begun", "event_written")
    around(Outbox, "claim", after="lease_taken")
    around(Outbox, "release", "lease_going_back")
    around(Outbox, "take_over", after="events_moved")
    around(AppendedFile, "append", after="event_appended")
    around(Spool, "_take", after="events_taken")
    around(pipeline, "plan_events", after="events_understood")
    for name, point in (("put", "further_planned"), ("link", "further_linked")):
        watch(fate.pass_by, Writer, name, after=point, passes=is_further)
    around(Writer, "add_to_import", "import_half_noted")
    around(importer, "note", after="import_noted")
    around(TradervueClient, "create_import", after="import_answered")
    around(TradervueClient, "import_status", "status_next")
    around(importer, "outcome", after="status_read")
    around(importer, "store", after="outcome_stored")
    around(linker, "absorb", "journal_read")
    around(linker, "read_back", after="read_back")
    around(importer, "settle", after="import_settled")
    around(TradervueClient, "update_trade", after="notes_answered")
    around(TradervueClient, "create_trade", after="basic_answered")
    around(annotator, "finish", after="trade_synced")
    around(Resends, "save", after="copy_saved")
    around(Resends, "ask", after="resend_asked")
    around(Writer, "hold", after="executions_held")
    around(TradervueClient, "delete_trade", after="deletion_answered")
    around(Writer, "start_over", after="started_over")
    steps = {
        ResendStage.ASKED: ("resend_begins", "resend_begun"),
        ResendStage.CLEARING: ("deletion_next", "deletion_kept"),
        ResendStage.CHECKING: ("", "resend_checked"),
        ResendStage.SENT: ("belongings_next", "belongings_moved"),
    }
    for stage, (before, after) in steps.items():
        watch(fate.pass_by, resend.STEPS, stage, before=before, after=after)
    watch_the_wire(fate.pass_by)


def is_further(_: object, execution: Any, *__: object) -> bool:
    """Tell whether an execution, or its row, is not the first of its leg."""
    return bool(execution.part > 1)


def watch(
    passing: Pass,
    owner: Any,
    name: str,
    *,
    before: str = "",
    after: str = "",
    passes: Callable[..., bool] = lambda *_: True,
) -> None:
    """
    Wrap *name* of a class, module or mapping; *before* and *after* are points.

    A claim that got no lease, and an outcome that is not there yet, pass nothing; nor
    does a call whose arguments *passes* says no to.
    """
    inner = owner[name] if isinstance(owner, dict) else getattr(owner, name)

    @wraps(inner)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if before:
            passing(before)
        result = inner(*args, **kwargs)
        is_nothing = (result is None and name == "claim") or not passes(*args)
        if after and not is_nothing and result != (None, None):
            passing(after)
        return result

    if isinstance(owner, dict):
        owner[name] = watched
    else:
        setattr(owner, name, watched)


def watch_the_wire(passing: Pass) -> None:
    """Let the requests of this process pass their points."""
    import httpx

    from argo_tradervue_plugin.tradervue.transport import Transport

    inner = Transport.handle_request

    @wraps(inner)
    def handle_request(self: Transport, request: httpx.Request) -> httpx.Response:
        path = "/trades" if "/trades" in request.url.path else "/imports"
        before: Callable[..., None] | None = request.extensions.get("trace")

        def trace(event: str, info: Mapping[str, Any]) -> None:
            if before is not None:
                before(event, info)
            done = event.partition(".")[2]
            point = ON_THE_WIRE.get((request.method, path, done))
            if point is not None:
                passing(point)

        request.extensions = {**request.extensions, "trace": trace}
        return inner(self, request)

    Transport.handle_request = handle_request  # type: ignore[method-assign]
