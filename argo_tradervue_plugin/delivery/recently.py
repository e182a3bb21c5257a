"""Whether the outbox was put back so lately that what seems unsent may be sent."""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import attrs

from argo_tradervue_plugin.delivery.lane import Lane
from argo_tradervue_plugin.outbox.kept import PUT_BACK
from argo_tradervue_plugin.outbox.records import Row
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["PutBack", "is_unlinked", "recently_put_back"]

HOUR: Final = 3600.0


@attrs.frozen
class PutBack:
    """
    When an outbox was put back, in Unix seconds.

    *is_linked* tells whether our trades in the journal were linked since, *last_import*
    which import was the latest then, None where that was not kept.
    """

    at: float
    is_linked: bool
    last_import: int | None = None

    @classmethod
    def of(cls, text: str | None) -> "PutBack | None":
        """Return what the condition says, None where the outbox was not put back."""
        if text is None:
            return None
        with suppress(ValueError, TypeError, KeyError):
            facts = json.loads(text)
            last = facts.get("import")
            return cls(float(facts["at"]), facts["linked"] is True, last)
        return cls(0.0, is_linked=False)  # damaged: linked once more

    def doubtful(self, rows: Iterable[Row]) -> list[Row]:
        """Return which of *rows* may have been sent by what is forgotten."""
        return [
            row
            for row in rows
            if row.execution is None or row.execution.executed_at.timestamp() <= self.at
        ]

    def is_caught_up(self, outbox: Outbox) -> bool:
        """Tell whether the journal has shown an import that came after."""
        return self.last_import is not None and outbox.is_shown_after(self.last_import)


def is_unlinked(lane: Lane) -> bool:
    """Tell whether it was put back, and nothing of the journal was linked since."""
    facts = PutBack.of(lane.condition(PUT_BACK))
    return facts is not None and not facts.is_linked


def recently_put_back(lane: Lane) -> PutBack | None:
    """Return the putting back before which the journal may lack what was sent."""
    facts = PutBack.of(lane.condition(PUT_BACK))
    if facts is None:
        return None
    # A clock that was set since makes it no longer than it was meant to be.
    is_recent = abs(lane.clock() - facts.at) <= lane.settings.lag_hours * HOUR
    return facts if is_recent else None
