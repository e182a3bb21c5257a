"""What the worker asks an outbox in every step, with what it asks for."""

from typing import Any, Final

from argo_tradervue_plugin.model.journal import Side
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.desk import NOW, START, execution

__all__ = ["HOT", "ask"]

HOT: Final[dict[str, Any]] = {
    "inbox": (1000,),
    "due": (NOW, 500),
    "errands": (),
    "next_due": (),
    "unsettled": (),
    "waiting_imports": (NOW, 25),
    "waiting": (),
    "waiting_of": ("t1",),
    "is_shown_after": (1,),
    "last_import_id": (),
    "last_finished_at": (),
    "condition": ("refused",),
    "conditions": (),
    "refused_logins": (),
    "processes": (),
    "unsent_entries": (),
    "entries_to_send": (NOW, 25),
    "closers_of": (["t1", "t2"],),
    "opened_before": ("AAPL", NOW, Side.LONG),
    "acceptances": (["t1", "t2"],),
    "of_import": (1,),
    "of_trades": (["t1", "t2"],),
    "of_trade": ("t1",),
    "all_of_trades": (["t1", "t2"],),
    "records_of": (["t1", "t2"],),
    "record_of": ("t1",),
    "outcomes_of": (["t1", "t2"],),
    "outcomes": (100,),
    "outcome_counts": (),
    "account_tag_of": ("t1",),
    "equals": (execution("x"),),
    "imports_of": ([1, 2],),
    "noticed_at": ("continued",),
    "sent_at": ("AAPL", [START]),
    "spans": ("AAPL", 0.0, None),
    "queued_behind": ("t1",),
    "open_behind": (["t1", "t2"],),
    "closing": (["AAPL", "NVDA"], "argo"),
    "stored_behind": ("t1",),
    "trade": ("t1",),
    "claimed": ([1, 2],),
    "to_annotate": (NOW, 100),
    "annotations_due": (NOW,),
    "to_show_basic": (NOW, 25),
    "superseded": (),
    "counts": (),
    "oldest_pending_at": (),
    "overdue_since": {"is_paused": False},
    "over_quota": (),
    "last_synced_at": (),
    "parked": (100,),
    "history": ("t1",),
    "states_of": (["t1", "t2"],),
    "risks_in": ([1, 2],),
    "results": (),
    "last_synced_step": (10**9,),
    "result": (START.date(), START.date()),
    "snapshots_since": (NOW,),
    "finished_before": {"before": NOW, "after": 0, "limit": 100},
    "overlays_due": (NOW, 500),
    "overlays_of": (["t1", "t2"],),
    "resends_due": (NOW, 1),
    "resend_of": ("t1",),
    "is_overlay_open": ("t1",),
}


def ask(outbox: Outbox, method: str) -> object:
    """Call a method of :data:`HOT` as the worker does."""
    arguments = HOT[method]
    if isinstance(arguments, dict):
        return getattr(outbox, method)(**arguments)
    return getattr(outbox, method)(*arguments)
