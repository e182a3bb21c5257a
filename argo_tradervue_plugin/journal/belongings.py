"""
What people have made of a journal trade, and what of it can move to another one.

The API moves notes, tags, the initial risk and whether a trade is shared; comments and
attachments it cannot.
"""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final, Self

import attrs

from argo_tradervue_plugin.journal import notes
from argo_tradervue_plugin.tradervue.models import JournalTradeDetail

__all__ = ["Belongings", "with_belongings"]

CENT: Final = Decimal("0.01")


@attrs.frozen(kw_only=True)
class Belongings:
    """
    What people made of one or several journal trades.

    *notes* stand outside our blocks, *tags* are not ours. *has_risk*: a person has set
    the initial risk to *risk*, or taken it away (None). *shared*: it is public.
    """

    notes: str = ""
    tags: tuple[str, ...] = ()
    has_risk: bool = False
    risk: Decimal | None = None
    shared: bool = False

    @classmethod
    def of(
        cls,
        trades: Iterable[JournalTradeDetail],
        *,
        is_ours: Callable[[str], bool],
        risk: Decimal | None = None,
    ) -> Self:
        """
        Return what people made of *trades*, of which the first has the entry.

        *is_ours* tells of a tag, *risk* is the initial risk that we wrote.
        """
        some = list(trades)
        texts = dict.fromkeys(filter(None, (notes.people_wrote(t.notes) for t in some)))
        standing = some[0].initial_risk if some else None
        has_risk = bool(some) and not is_same_risk(standing, risk)
        return cls(
            notes="\n\n".join(texts),
            tags=notes.merge((), (t for s in some for t in s.tags if not is_ours(t))),
            has_risk=has_risk,
            risk=standing if has_risk else None,
            shared=any(trade.shared for trade in some),
        )

    def as_text(self) -> str:
        """Return it as the outbox keeps it."""
        facts = attrs.asdict(self)
        facts["risk"] = None if self.risk is None else f"{self.risk:f}"
        return json.dumps(facts)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what :meth:`as_text` wrote; nothing for an empty text."""
        facts = json.loads(text or "{}")
        risk = facts.pop("risk", None)
        tags = tuple(facts.pop("tags", ()))
        return cls(**facts, tags=tags, risk=None if risk is None else Decimal(risk))


def is_same_risk(one: Decimal | None, other: Decimal | None) -> bool:
    """Tell whether two initial risks are the same to the cent."""
    if one is None or other is None:
        return one is other
    return one.quantize(CENT) == other.quantize(CENT)


def with_belongings(
    trade: JournalTradeDetail, belongings: Belongings
) -> JournalTradeDetail:
    """Return *trade* with what people made of another; twice is like once."""
    text = trade.notes.replace("\r\n", "\n")
    standing, news = notes.people_wrote(text), belongings.notes
    if news and news not in text:
        if standing and standing in news and standing in text:
            # A template of the user's settings, which stands there on both.
            text = text.replace(standing, news, 1)
        else:
            text = f"{news}\n\n{text}" if text.strip() else news
    return attrs.evolve(
        trade,
        notes=text.replace("\n", "\r\n"),  # as it comes back
        tags=notes.merge(trade.tags, belongings.tags),
        initial_risk=belongings.risk if belongings.has_risk else trade.initial_risk,
        shared=trade.shared or belongings.shared,
    )
