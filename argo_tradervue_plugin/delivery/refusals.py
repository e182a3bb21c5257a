"""
Is a refusal about one execution, or about everything that is sent?

A plan without account tags refuses every import alike. Taken for bad rows, all trades
would end up as basic ones. So a refusal that speaks of the plan or the account, and one
that three trades in turn meet with the same words, pauses the sending: pure functions
here, and what they decide is kept in the outbox.
"""

import json
import re
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.model.reasons import reason
from argo_tradervue_plugin.outbox.records import Row

__all__ = [
    "CONDITION",
    "Refusal",
    "choose",
    "fingerprint",
    "hint",
    "is_about_all",
    "lifted",
    "paused",
    "speaks_of_account",
    "suspected",
    "taken_back",
]

CONDITION: Final = "refused"  # the name under which the outbox keeps a refusal
AGAIN: Final = 3600.0  # seconds from one try to the next while everything is refused
MOST_TRIED: Final = 100  # trades that are kept as tried
SUSPICIOUS: Final = 2  # trades that were refused with the same words

ACCOUNT_TAGS: Final = re.compile(r"\baccount[ _-]?tags?\b", re.IGNORECASE)
# Words by which Tradervue speaks of what was paid for, or of the login as a whole, and
# never of a row. A plain "account" may be one of a row's values.
OF_ACCOUNT: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        ACCOUNT_TAGS.pattern,
        r"\bsubscri(be|ber|bed|ption)s?\b",
        r"\bupgrad(e|ed|ing)\b",
        r"\b(silver|gold)\b.*\b(plan|account|member|membership|level|tier)\b",
        r"\b(your|current|free|paid) (plan|account|membership)\b",
        r"\b(plan|account|membership) (has expired|is|was|does|doesn't|needs|must)\b",
        r"\btrial (period|has|is|expired|ended)\b",
        r"\b(billing|past due|payment)\b",
    )
)


@attrs.frozen(kw_only=True)
class Refusal:
    """
    What is kept of a refusal that may be about everything.

    *trades* (in *symbols*) were refused with the same *text*, and nothing was accepted
    since the first. *since* is when sending was paused for it (Unix seconds), None
    while it is only suspected. The next try is at *due_at*, or at once where the
    settings have another *settings* fingerprint; *tried* are the trades that went
    before. *was_lifted*: something was accepted after a pause, so that the same words
    may be about a row, whatever they speak of.
    """

    text: str
    trades: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    since: float | None = None
    due_at: float = 0.0
    settings: str = ""
    tried: tuple[str, ...] = ()
    was_lifted: bool = False

    @classmethod
    def of(cls, facts: str | None) -> "Refusal | None":
        """Return the refusal that the condition keeps, None where there is none."""
        if facts is None:
            return None
        kept = json.loads(facts)
        lists = {name: tuple(kept[name]) for name in ("trades", "symbols", "tried")}
        return cls(**{**kept, **lists})

    def as_text(self) -> str:
        """Return what the outbox keeps."""
        return json.dumps(attrs.asdict(self))

    @property
    def is_paused(self) -> bool:
        """Tell whether nothing is sent for it."""
        return self.since is not None

    @property
    def is_suspicious(self) -> bool:
        """Tell whether a third trade has to show what it is about."""
        return not self.is_paused and len(self.trades) >= SUSPICIOUS

    def is_due(self, settings: Settings, now: float) -> bool:
        """Tell whether one trade is tried now."""
        is_time = not now < self.due_at <= now + AGAIN  # a clock may be set back
        return is_time or self.settings != fingerprint(settings)


def speaks_of_account(text: str) -> bool:
    """Tell whether a refusal speaks of the plan or the account, and so of no row."""
    return any(pattern.search(text) for pattern in OF_ACCOUNT)


def hint(text: str) -> str:
    """Return what helps against a refusal, in words."""
    if ACCOUNT_TAGS.search(text):
        return 'set "account_tags": false, or change the Tradervue plan'
    if speaks_of_account(text):
        return "look at the plan and the settings of the Tradervue account"
    return "look at the refusal, and at the settings of the plugin"


def fingerprint(settings: Settings) -> str:
    """Return what changes with the settings; their passwords are no part of it."""
    return sha256(repr(settings).encode()).hexdigest()[:16]


def is_about_all(known: Refusal | None, text: str) -> bool:
    """
    Tell whether a refusal that names no row is one of everything.

    Words that speak of the account are enough, unless something was accepted in spite
    of them; and that a third trade is refused with the same words.
    """
    if known is None or known.text != text:
        return speaks_of_account(text)
    is_settled = known.is_paused or known.is_suspicious
    return is_settled or (speaks_of_account(text) and not known.was_lifted)


def suspected(known: Refusal | None, text: str, row: Row) -> Refusal:
    """Return what is kept after *row* was refused by itself."""
    before = known if known and known.text == text else Refusal(text=text)
    symbol = row.execution.symbol if row.execution else ""
    return attrs.evolve(
        before,
        trades=with_last(before.trades, row.trade_id),
        symbols=with_last(before.symbols, symbol),
    )


def lifted(known: Refusal) -> Refusal | None:
    """Return what is kept of a refusal once something was accepted."""
    if known.is_paused or known.was_lifted:
        return Refusal(text=known.text, was_lifted=True)
    return None


def paused(
    known: Refusal | None,
    text: str,
    trade_id: str,
    *,
    settings: Settings,
    now: float,
) -> Refusal:
    """Return what is kept while everything is refused; *trade_id* was just tried."""
    before = known or Refusal(text=text)
    return Refusal(
        text=text,
        since=now if before.since is None else before.since,
        due_at=now + AGAIN,
        settings=fingerprint(settings),
        tried=with_last(before.tried, trade_id)[-MOST_TRIED:],
    )


def with_last(names: Sequence[str], name: str) -> tuple[str, ...]:
    """Return *names* with *name* as the last, once."""
    return (*(each for each in names if each != name), name)


def choose(refusal: Refusal, entries: Sequence[Row]) -> Row | None:
    """
    Return the entry by which to find out what a refusal is about.

    While it is suspected that is one of another trade, best of another symbol and with
    a whole quantity. While sending is paused it is one that was not tried before, or
    the one that was tried first.
    """
    if refusal.is_paused:
        order = {trade_id: at for at, trade_id in enumerate(refusal.tried)}
        return min(entries, key=lambda r: order.get(r.trade_id, -1), default=None)
    others = [r for r in entries if r.trade_id not in refusal.trades]
    return min(others, key=lambda r: oddness(r, refusal.symbols), default=None)


def oddness(row: Row, symbols: Collection[str]) -> tuple[bool, bool]:
    """Return how far *row* is from one that must be accepted."""
    execution = row.execution
    if execution is None:
        return True, True
    is_whole = execution.quantity == execution.quantity.to_integral_value()
    return not is_whole, execution.symbol in symbols


def taken_back(known: Refusal | None, text: str, parked: Sequence[Row]) -> list[str]:
    """Return the trades among *parked* that were taken for bad rows by this refusal."""
    trades = known.trades if known and known.text == text else ()
    was_any = speaks_of_account(text) and not (known and known.was_lifted)
    found = [
        row.trade_id
        for row in parked
        if row.reason == reason("refused", text) and (was_any or row.trade_id in trades)
    ]
    return list(dict.fromkeys(found))
