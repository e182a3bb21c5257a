"""
What people have made of a journal trade, and what of it can move to another one.

The API moves notes, tags, the initial risk and whether a trade is shared; comments and
attachments it cannot.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Self

import attrs

from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.model.journal import JournalTradeDetail
from argo_tradervue_plugin.planning.legs import to_cent

__all__ = ["Belongings", "combined", "with_belongings"]


@attrs.frozen(kw_only=True)
class Belongings:
    """
    What people made of a journal trade.

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
        trade: JournalTradeDetail,
        *,
        is_ours: Callable[[str], bool],
        risk: Decimal | None,
    ) -> Self:
        """
        Return what people made of *trade*.

        *is_ours* tells of a tag, *risk* is the initial risk that we wrote.
        """
        has_risk = not is_same_risk(trade.initial_risk, risk)
        return cls(
            notes=notes.people_wrote(trade.notes),
            tags=tuple(tag for tag in trade.tags if not is_ours(tag)),
            has_risk=has_risk,
            risk=trade.initial_risk if has_risk else None,
            shared=trade.shared,
        )


def is_same_risk(one: Decimal | None, other: Decimal | None) -> bool:
    """Tell whether two initial risks are the same to the cent."""
    if one is None or other is None:
        return one is other
    return to_cent(one) == to_cent(other)


def combined(belongings: Iterable[Belongings]) -> Belongings:
    """Return what people made of several journal trades that become one."""
    some = list(belongings)
    risk = next((each for each in some if each.has_risk), Belongings())
    return Belongings(
        notes="\n\n".join(dict.fromkeys(each.notes for each in some if each.notes)),
        tags=notes.merge((), (tag for each in some for tag in each.tags)),
        has_risk=risk.has_risk,
        risk=risk.risk,
        shared=any(each.shared for each in some),
    )


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
