"""
What was finished long ago, and leaves the outbox in small steps.

A walk through the oldest executions, a few hundred at a time while there is nothing
else to do, begins again every day. Of a finished trade one short row stays.
"""

from typing import Final

import attrs

from argo_tradervue_plugin.delivery.lane import Lane

__all__ = ["Walk"]

DAY: Final = 86_400.0
STRIDE: Final = 400  # executions that are looked at in one step


@attrs.define
class Walk:
    """How far the walk is: *after* which execution, and when it begins again."""

    after: int = 0
    rests_until: float = 0.0

    def step(self, lane: Lane, now: float) -> bool:
        """Take one step; tell whether anything was removed."""
        days = lane.settings.retention_days
        if not days or now < self.rests_until:
            return False
        before = now - days * DAY
        trades, after = lane.outbox.finished_before(
            before, after=self.after, limit=STRIDE
        )
        for piece in lane.pieces(trades):
            with lane.write() as writer:
                writer.forget(piece)
        if after is None:
            with lane.write() as writer:
                writer.forget_imports(before, STRIDE)
            self.after, self.rests_until = 0, now + DAY
        else:
            self.after = after
        return bool(trades)
