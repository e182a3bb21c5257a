"""
An outbox that was put back: restored from an old copy, or made new beside a spool.

What it takes for unsent may be in the journal. Our trades there are linked before
anything is planned, and for some hours, in which a journal may still lag, everything is
looked for in the whole journal before it is sent.
"""

from typing import TYPE_CHECKING

from argo_tradervue_plugin.delivery import importer
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.recently import PutBack
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.model.journal import ImportState
from argo_tradervue_plugin.outbox.kept import PUT_BACK, putting_back
from argo_tradervue_plugin.outbox.records import ImportStage

if TYPE_CHECKING:
    from argo_tradervue_plugin.delivery.joining import Joiner

__all__ = ["link_what_was_put_back", "note_putting_back"]


def note_putting_back(lane: Lane) -> None:
    """Note that the outbox was replaced just now, whatever it holds."""
    with lane.write() as writer:
        lane.set_condition(writer, PUT_BACK, putting_back(lane.clock()))


def link_what_was_put_back(lane: Lane, joiner: "Joiner | None") -> None:
    """
    Link our trades in the journal to an outbox that was put back.

    It is done again after a crash in the midst of it.

    Raises:
        ApiError: the journal could not be read.
    """
    facts = PutBack.of(lane.condition(PUT_BACK))
    at = lane.clock() if facts is None else facts.at
    for known in lane.outbox.unsettled():
        if known.stage is ImportStage.ACCEPTED:
            # What Tradervue says now is about a later import.
            importer.store(lane, known, ImportState.READY, None)
    linked = 0 if joiner is None else joiner.link(lane)
    last = lane.outbox.last_import_id()
    with lane.write() as writer:
        noted = putting_back(at, is_linked=True, last_import=last)
        lane.set_condition(writer, PUT_BACK, noted)
    lane.outbox.keep_import(last)  # what is forgotten is known to be
    log.warning(
        "tradervue.put_back_linked trades=%d: for %g hours what seems unsent is looked "
        "for in the journal first",
        linked,
        lane.settings.lag_hours,
    )
