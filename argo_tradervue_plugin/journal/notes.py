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

from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.journal.executions import quantity_of
from argo_tradervue_plugin.journal.trades import TradeSnapshot

__all__ = ["merge", "people_wrote", "tags_of", "trade_ids_in", "with_block", "write"]

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
LONGEST_TAG: Final = 30


def write(trade: TradeSnapshot) -> str:
    """Return our block for *trade*, a fact a line; what is unknown is left out."""
    position = f"{trade.symbol} {trade.signal_type} {shown(quantity_of(trade))}"
    lines = (
        ("Position", position, trade.asset_class),
        ("Signal", trade.signal_id, _labelled("confidence", trade.confidence)),
        (
            "Entry",
            shown(trade.actual_entry_price or trade.entry_price),
            _labelled("signalled", trade.signal_entry_price),
            _labelled("slippage", trade.slippage_entry),
            _labelled("regime", trade.regime),
        ),
        (
            "Plan",
            _labelled("stop", trade.stop_price),
            _labelled("target", trade.target_price),
        ),
        *(exit_lines(trade) if trade.exit_timestamp else ()),
        (
            "Orders",
            _labelled("Alpaca", trade.alpaca_order_id),
            _labelled("exchange", trade.exchange_order_id),
        ),
        ("Hash", trade.verification_hash),
    )
    body = [
        f"{label}: {', '.join(facts)}"
        for label, *values in lines
        if (facts := [harmless(value) for value in values if value])
    ]
    return "\n".join([f"[argo {marker(trade.id)}]", *body, END])


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
    own = marker(trade_id)
    old = next((found for found in BLOCK.finditer(text) if found[1] == own), None)
    if old:
        text = text[: old.start()] + block + text[old.end() :]
    elif text.strip():
        line_ends = len(text) - len(text.rstrip("\n"))
        text += "\n" * (2 - line_ends) + block
    else:
        text = block
    return text.replace("\n", "\r\n")


def people_wrote(notes: str) -> str:
    """Return what stands in *notes* outside our blocks."""
    return BLOCK.sub("", notes.replace("\r\n", "\n")).strip()


def trade_ids_in(notes: str) -> list[str]:
    """Return the host's trade ids that *notes*, or an excerpt of them, name."""
    return BEGIN.findall(notes.replace("\r\n", "\n"))


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


def marker(trade_id: str) -> str:
    """Return *trade_id* as our markers can hold it: no blanks, brackets or markup."""
    return re.sub(r"[\s\]\[<>]", "_", one_line(trade_id, 80))


def shown(value: Decimal | None) -> str | None:
    """Return *value* in plain notation, or None."""
    return None if value is None else f"{value:f}"


def harmless(value: str) -> str:
    """Return *value* as one line that no browser takes for markup."""
    return one_line(value.replace("<", "‹").replace(">", "›"), 120)


def _labelled(label: str, value: Decimal | str | None) -> str | None:
    if value is None or value == "":
        return None
    return f"{label} {shown(value) if isinstance(value, Decimal) else value}"


def _tag(text: str) -> str:
    """Return *text* as a tag: lower-case letters, digits and hyphens."""
    tag = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return tag[:LONGEST_TAG].strip("-")
