"""
What whoever forwards does, in this order: make sense, send, verify, write notes.

The worker's thread loads this, so that a host's start waits for none of it.
"""

from collections.abc import Callable, Collection
from typing import Final

from argo_tradervue_plugin.delivery import annotator, basic, importer, overlay, resend
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import plan_events
from argo_tradervue_plugin.delivery.putting_back import (
    link_what_was_put_back,
    note_putting_back,
)
from argo_tradervue_plugin.delivery.slots import fit_to_settings
from argo_tradervue_plugin.outbox.records import Errand

__all__ = [
    "deliver",
    "fit_to_settings",
    "link_what_was_put_back",
    "note_putting_back",
    "plan_events",
]


def deliver(lane: Lane, waiting: Collection[Errand]) -> bool:
    """Take the next step of what is due of these errands; tell whether any was."""
    if Errand.SETTLE in waiting:
        for known in lane.outbox.unsettled():
            importer.settle(lane, known)
        return True
    return any(take(lane) for errand, take in STEPS if errand in waiting)


# In this order; nothing is asked about what nothing waits for.
STEPS: Final[tuple[tuple[Errand, Callable[[Lane], bool]], ...]] = (
    (Errand.SEARCH, importer.search_again),
    (Errand.SEND, importer.send_due),
    (Errand.NOTES, annotator.annotate),
    (Errand.OVERLAY, overlay.lay),
    (Errand.NOTES, basic.show),
    (Errand.WITHDRAW, basic.withdraw),
    (Errand.RESEND, resend.carry_on),
)
