"""Whether the outbox was put back so lately that what seems unsent may be sent."""

import json
from contextlib import suppress
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.outbox.interface import Outbox
from argo_tradervue_plugin.outbox.kept import PUT_BACK

__all__ = ["PutBack", "is_recently_put_back", "is_unlinked"]

HOUR: Final = 3600.0


@attrs.frozen
class PutBack:
    """
    When an outbox was put back, in Unix seconds.

    *is_linked* tells whether our trades in the journal were linked since.
    """

    at: float
    is_linked: bool

    @classmethod
    def of(cls, outbox: Outbox) -> "PutBack | None":
        """Return what the outbox says of itself, None where it was not put back."""
        text = outbox.condition(PUT_BACK)
        if text is None:
            return None
        with suppress(ValueError, TypeError, KeyError):
            facts = json.loads(text)
            return cls(float(facts["at"]), facts["linked"] is True)
        return cls(0.0, is_linked=False)  # damaged: linked once more


def is_unlinked(outbox: Outbox) -> bool:
    """Tell whether it was put back, and nothing of the journal was linked since."""
    facts = PutBack.of(outbox)
    return facts is not None and not facts.is_linked


def is_recently_put_back(lane: Lane) -> bool:
    """Tell whether the journal may still lack what was sent before the putting back."""
    facts = PutBack.of(lane.outbox)
    if facts is None:
        return False
    # A clock that was set since makes it no longer than it was meant to be.
    return abs(lane.clock() - facts.at) <= lane.settings.lag_hours * HOUR
