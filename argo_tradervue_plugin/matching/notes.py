"""
Our block in a trade's notes, its tags, and how they live beside what people write.

The first line of a block names the host's trade and stands within the 100 characters
that a list of trades shows, so that links can be found again without asking for each
trade. Whatever stands outside the block is somebody's work and stays as it is.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import attrs

from argo_tradervue_plugin.matching.wording import harmless, marker, markers
from argo_tradervue_plugin.model.snapshot import TradeSnapshot

__all__ = [
    "Facts",
    "class_tags",
    "merge",
    "people_wrote",
    "plan_in",
    "risk_in",
    "size_in",
    "tags_of",
    "trade_ids_in",
    "with_block",
    "write",
]

END: Final = "[/argo]"
BEGIN: Final = re.compile(r"^\[argo ([^\]\s]+)\]", re.MULTILINE)
# Whose last line somebody has deleted is no block any more: it must not reach to the
# end of the next one, over what stands between them.
BLOCK: Final = re.compile(
    r"^\[argo ([^\]\s]+)\]\n"
    r"(?:(?!\[argo [^\]\s]+\]$).*\n)*?"
    rf"{re.escape(END)}$",
    re.MULTILINE,
)
POSITION: Final = re.compile(r"^Position: (?:.* )?(\d+(?:\.\d+)?)(?:,|$)", re.MULTILINE)
ENTRY: Final = re.compile(r"^Entry: (\d+(?:\.\d+)?)(?:,|$)", re.MULTILINE)
PLAN: Final = re.compile(r"^Plan: stop (\d+(?:\.\d+)?)(?:,|$)", re.MULTILINE)
LONGEST_TAG: Final = 30


@attrs.frozen(kw_only=True)
class Facts:
    """
    What our block says beside the host's snapshot.

    *entered* and *closed* are sizes, unsigned. *stop* is the stop of the plan, None
    without one; *is_stop_at_close* says that no earlier one is known. *remarks* are
    whole lines.
    """

    entered: Decimal | None = None
    closed: Decimal = Decimal(0)
    stop: Decimal | None = None
    is_stop_at_close: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def closed_part(self) -> str | None:
        """Return how much of the trade is closed, where that is a part of it."""
        if self.entered is None or not 0 < self.closed < self.entered:
            return None
        return f"closed {shown(self.closed)} of {shown(self.entered)}"


def write(trade: TradeSnapshot, facts: Facts) -> str:
    """Return our block for *trade*, a fact a line; what is unknown is left out."""
    position = " ".join(
        filter(None, (trade.symbol, trade.signal_type, shown(facts.entered)))
    )
    entry = trade.actual_entry_price or trade.entry_price
    plan = None if facts.is_stop_at_close else facts.stop
    lines = (
        ("Position", position, facts.closed_part, trade.asset_class),
        ("Signal", trade.signal_id, _labelled("confidence", trade.confidence)),
        (
            "Entry",
            shown(entry),
            _labelled("signalled", trade.signal_entry_price),
            _labelled("slippage", trade.slippage_entry),
            _labelled("regime", trade.regime),
        ),
        (
            "Plan",
            _labelled("stop", plan),
            _labelled("target", trade.target_price or None),
        ),
        *(exit_lines(trade) if trade.exit_timestamp else ()),
        (
            "Orders",
            _labelled("Alpaca", trade.alpaca_order_id),
            _labelled("exchange", trade.exchange_order_id),
        ),
        ("Hash", trade.verification_hash),
        ("Unknown", ", ".join(trade.unknown)),
    )
    body = [
        f"{label}: {', '.join(said)}"
        for label, *values in lines
        if (said := [harmless(value) for value in values if value])
    ]
    remarks = map(harmless, (*stop_lines(trade, facts), *facts.remarks))
    return "\n".join([f"[argo {marker(trade.id or '')}]", *body, *remarks, END])


def stop_lines(trade: TradeSnapshot, facts: Facts) -> Iterable[str]:
    """Yield what is said of the stop of a closed trade."""
    if trade.exit_timestamp is None:
        return
    if facts.is_stop_at_close:
        yield f"Stop as recorded at the close {shown(facts.stop)}"
    elif trade.stop_price and trade.stop_price != facts.stop:
        yield f"Stop at exit {shown(trade.stop_price)}"


def exit_lines(trade: TradeSnapshot) -> Iterable[tuple[str | None, ...]]:
    """Return the lines that only a closed trade has."""
    filled = trade.actual_exit_price
    yield (
        "Exit",
        shown(trade.exit_price if filled is None else filled),
        trade.exit_reason,
        trade.exit_method,
        _labelled("slippage", trade.slippage_exit),
        _labelled("regime", trade.exit_regime),
    )
    yield (
        "Result",
        trade.outcome,
        _labelled("P&L", trade.pnl_dollars),
        f"{shown(trade.pnl_percent)} %" if trade.pnl_percent is not None else None,
        _labelled("commission", trade.commission),
    )


def with_block(notes: str, trade_id: str, block: str) -> str:
    """
    Return *notes* with *block* in place of the trade's old one, or at their end.

    A trade in the journal can stand for several host trades, each with a block of
    its own. Line ends come back as Tradervue writes them (CRLF).
    """
    text = notes.replace("\r\n", "\n")
    old = block_in(text, trade_id)
    if old:
        text = text[: old.start()] + block + text[old.end() :]
    elif text.strip():
        line_ends = len(text) - len(text.rstrip("\n"))
        text += "\n" * (2 - line_ends) + block
    else:
        text = block
    return text.replace("\n", "\r\n")


def size_in(notes: str, trade_id: str) -> Decimal | None:
    """Return the size entered that our block for a trade names, or None."""
    return number_in(notes, trade_id, POSITION)


def plan_in(notes: str, trade_id: str) -> Decimal | None:
    """Return the stop of the plan that our block for a trade names, or None."""
    return number_in(notes, trade_id, PLAN)


def risk_in(notes: str, trade_id: str) -> Decimal | None:
    """Return the initial risk that goes with our block for a trade, or None."""
    size, stop = size_in(notes, trade_id), plan_in(notes, trade_id)
    price = number_in(notes, trade_id, ENTRY)
    if size is None or stop is None or price is None:
        return None
    return abs(price - stop) * size


def number_in(notes: str, trade_id: str, line: re.Pattern[str]) -> Decimal | None:
    """Return the number on a *line* of our block for a trade, or None."""
    block = block_in(notes.replace("\r\n", "\n"), trade_id)
    said = line.search(block[0]) if block else None
    return Decimal(said[1]) if said else None


def block_in(text: str, trade_id: str) -> re.Match[str] | None:
    """Return our block for a trade, also as earlier versions marked it, or None."""
    blocks = {found[1]: found for found in reversed([*BLOCK.finditer(text)])}
    return next((blocks[m] for m in markers(trade_id) if m in blocks), None)


def people_wrote(notes: str) -> str:
    """Return what stands in *notes* outside our blocks."""
    return BLOCK.sub("", notes.replace("\r\n", "\n")).strip()


def trade_ids_in(notes: str) -> list[str]:
    """Return the host's trade ids that *notes*, or an excerpt of them, name."""
    return BEGIN.findall(notes.replace("\r\n", "\n"))


def class_tags(asset_class: str | None) -> tuple[str, ...]:
    """Return the tags that a trade has for what our block calls its asset class."""
    tag = _tag(asset_class or "")
    return (tag,) if tag else ()


def merge(standing: Iterable[str], ours: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that stand there with ours added, in that order, none twice."""
    return tuple(dict.fromkeys((*standing, *ours)))


def tags_of(trade: TradeSnapshot) -> tuple[str, ...]:
    """Return the strategy's facts as tags: asset class, regimes, why it was closed."""
    named = (
        ("", trade.asset_class),
        ("regime-", trade.regime),
        ("exit-regime-", trade.exit_regime),
        ("", trade.exit_reason if trade.exit_timestamp else None),
    )
    tags = (_tag(prefix + value) for prefix, value in named if value)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def shown(value: Decimal | None) -> str | None:
    """Return *value* in plain notation, or None."""
    return None if value is None else f"{value:f}"


def _labelled(label: str, value: Decimal | str | None) -> str | None:
    if value is None or value == "":
        return None
    return f"{label} {shown(value) if isinstance(value, Decimal) else value}"


def _tag(text: str) -> str:
    """Return *text* as a tag: lower-case letters, digits and hyphens."""
    tag = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return tag[:LONGEST_TAG].strip("-")
