"""
What whoever forwards does, in this order: make sense, send, verify, write notes.

The worker's thread loads this, so that a host's start waits for none of it.
"""

from argo_tradervue_plugin.delivery import annotator, basic, importer, overlay, resend
from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.delivery.planner import fit_to_settings, make_sense
from argo_tradervue_plugin.delivery.putting_back import (
    link_what_was_put_back,
    note_putting_back,
)

__all__ = [
    "deliver",
    "fit_to_settings",
    "link_what_was_put_back",
    "make_sense",
    "note_putting_back",
]


def deliver(lane: Lane) -> bool:
    """Take the next step of what is due; return whether there was any."""
    unsettled = lane.outbox.unsettled()
    for known in unsettled:
        importer.settle(lane, known)
    if unsettled or importer.search_again(lane):
        return True
    return (
        importer.send_due(lane)
        or annotator.annotate(lane)
        or overlay.lay(lane)
        or basic.show(lane)
        or basic.withdraw(lane)
        or resend.carry_on(lane)
    )
