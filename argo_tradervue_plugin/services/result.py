"""The metrics of a period as they are kept, shared between processes and shown."""

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

import attrs

if TYPE_CHECKING:
    from argo_tradervue_plugin.metrics import Metrics

__all__ = ["Result"]


@attrs.frozen(kw_only=True)
class Result:
    """
    The figures of the trades opened from *start* to *end*, and how old they are.

    *as_of* (Unix seconds): whatever was in the journal by then is in the figures.
    *step*: whatever was synced up to this step of the outbox's history is, too.
    *computed_at* (Unix seconds) says which of two was made later. *text* is what
    :meth:`.Metrics.front_end` and :meth:`.Metrics.as_json` return, as JSON.
    """

    start: date
    end: date
    as_of: float
    step: int
    computed_at: float
    text: str = attrs.field(repr=False)

    @classmethod
    def of(
        cls, metrics: "Metrics", *, as_of: float, step: int, computed_at: float
    ) -> Self:
        """Return *metrics* as a result."""
        facts = {
            "as_of": as_of,
            "step": step,
            "cards": metrics.front_end(),
            "figures": metrics.as_json(),
        }
        return cls(
            start=metrics.start,
            end=metrics.end,
            as_of=as_of,
            step=step,
            computed_at=computed_at,
            text=json.dumps(facts, allow_nan=False, separators=(",", ":")),
        )

    @classmethod
    def from_text(
        cls, text: str, *, start: date, end: date, computed_at: float
    ) -> Self:
        """
        Return the result of which *text* was kept.

        Raises:
            ValueError, KeyError, TypeError: it is no result's.
        """
        facts = json.loads(text)
        return cls(
            start=start,
            end=end,
            as_of=float(facts["as_of"]),
            step=int(facts["step"]),
            computed_at=computed_at,
            text=text,
        )

    @property
    def as_of_text(self) -> str:
        """Return *as_of* as ISO 8601 in UTC, cut to the second."""
        return datetime.fromtimestamp(self.as_of, UTC).isoformat(timespec="seconds")

    def front_end(self) -> dict[str, Any]:
        """Return the six figures of the host's front end, undefined ones left out."""
        cards: dict[str, Any] = json.loads(self.text)["cards"]
        return cards

    def as_json(self) -> dict[str, Any]:
        """
        Return every figure by name, with ``start`` and ``end`` (yyyy-mm-dd).

        ``as_of`` is ISO 8601 in UTC; undefined figures are None. See
        :meth:`.Metrics.as_json`. Each call returns a dict of its own.
        """
        figures: dict[str, Any] = json.loads(self.text)["figures"]
        return figures | {"as_of": self.as_of_text}
