"""
Whether a journal trade that names a host trade in its notes is that trade.

Notes can be copied, and a tag can be typed: a name proves nothing by itself. So what
our block says of the trade has to fit the executions beside it. What does not fit is a
claim: it is remembered, so that an equal trade of the host is not sent beside it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Self

import attrs

from argo_tradervue_plugin.matching.wording import harmless, markers
from argo_tradervue_plugin.model.executions import Execution, Kind
from argo_tradervue_plugin.model.symbols import in_journal
from argo_tradervue_plugin.planning.legs import total

__all__ = [
    "CLAIMS",
    "Claim",
    "Said",
    "as_text",
    "claims_in",
    "equal_claims",
    "is_of_another_time",
    "said_in",
]

CLAIMS: Final = "claims"  # the condition under which an outbox keeps them
MOST_KEPT: Final = 10_000
ROUNDING: Final = Decimal("0.000001")  # of a price; executions have fewer places

FIRST: Final = re.compile(r"(.+) (long|short)(?: (\d+(?:\.\d+)?))?")
PRICE: Final = re.compile(r"(Entry|Exit): (\d+(?:\.\d+)?)(?:,.*)?")
TIME_IN_ID: Final = re.compile(r"trade_(\d{8}_\d{6})_\d{6}")  # as Argo makes them
MINUTE: Final = 60
QUARTER: Final = 15 * MINUTE
CUT: Final = "..."  # how an excerpt ends that is not all of the notes


@attrs.frozen(kw_only=True)
class Said:
    """What our block says of a trade; None where it does not say it, or was cut."""

    symbol: str | None = None
    side: str | None = None
    size: Decimal | None = None
    asset_class: str | None = None
    entry: Decimal | None = None
    exit: Decimal | None = None

    def misfit(
        self, executions: Sequence[Execution], names: Mapping[str, str]
    ) -> str | None:
        """
        Return in words what of *executions* does not fit the block; None: all does.

        *names* are the journal's names of symbols. A price fits that lies between those
        of its leg, since a host has one price for several executions.
        """
        entries = [e for e in executions if e.kind is Kind.ENTRY]
        if self.symbol is None or not entries:
            return "its notes do not say of which position they are"
        symbols = {self.symbol.upper(), in_journal(self.symbol, names)}
        if harmless(entries[0].symbol).upper() not in symbols:
            return f"its notes are of {self.symbol}"
        side = "long" if entries[0].quantity > 0 else "short"
        if side != self.side or self.size not in (None, total(entries)):
            return f"its notes are of another position, {self.side} {self.size}"
        exits = [e for e in executions if e.kind is Kind.EXIT]
        for word, said, leg in (
            ("entry", self.entry, entries),
            ("exit", self.exit, exits),
        ):
            if said is not None and leg and not is_among(said, leg):
                return f"its notes are of another {word}, at {said:f}"
        return None


def said_in(notes: str, trade_id: str) -> Said:
    """Return what our block for a trade says in *notes*, or in their beginning."""
    text = notes.replace("\r\n", "\n").removesuffix(CUT)
    said: dict[str, object] = {}
    for line in block_lines(text, markers(trade_id)):
        if line.startswith("Position: "):
            said |= position_in(line.removeprefix("Position: "))
        elif price := PRICE.fullmatch(line):
            said[price[1].lower()] = Decimal(price[2])
    return Said(**said)  # type: ignore[arg-type]


def block_lines(text: str, names: Sequence[str]) -> list[str]:
    """Return the lines below our marker of one of *names*; the last may be cut."""
    lines, ours = text.split("\n"), tuple(f"[argo {name}]" for name in names)
    begin = next((i for i, line in enumerate(lines) if line.startswith(ours)), None)
    if begin is None:
        return []
    below = lines[begin + 1 :]
    ends = (i for i, line in enumerate(below) if line.startswith(("[/argo]", "[argo ")))
    return below[: next(ends, -1)]


def position_in(line: str) -> Mapping[str, object]:
    """Return symbol, side, size and asset class of a position's line."""
    first, *others = line.split(", ")
    found = FIRST.fullmatch(first)
    if found is None:
        return {}
    classes = [other for other in others if not other.startswith("closed ")]
    return {
        "symbol": found[1],
        "side": found[2],
        "size": found[3] and Decimal(found[3]),
        "asset_class": classes[0] if classes else None,
    }


def is_among(price: Decimal, leg: Iterable[Execution]) -> bool:
    """Tell whether *price* can be that of the executions of a *leg* together."""
    prices = [execution.price for execution in leg]
    slack = price * ROUNDING
    return min(prices) - slack <= price <= max(prices) + slack


def is_of_another_time(trade_id: str, entered_at: datetime) -> bool:
    """
    Tell whether an id of Argo's was made at another time than the entry, in UTC.

    On the same day the clock may be that of another zone, whole quarters of an hour
    away.
    """
    made = TIME_IN_ID.fullmatch(trade_id)
    if made is None:
        return False
    try:
        at = datetime.strptime(made[1], "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return True  # of no clock at all
    apart = int((at - entered_at).total_seconds()) % QUARTER
    is_same_day = at.date() == entered_at.astimezone(UTC).date()
    return not is_same_day or MINUTE < apart < QUARTER - MINUTE


@attrs.frozen
class Claim:
    """An execution of a journal trade that names a host trade without proof."""

    journal_id: int
    symbol: str
    quantity: Decimal
    price: Decimal
    at: int  # Unix seconds

    @classmethod
    def of(cls, journal_id: int, execution: Execution) -> Self:
        """Return the claim that an *execution* there makes."""
        return cls(
            journal_id,
            execution.symbol.upper(),
            execution.quantity,
            execution.price,
            int(execution.executed_at.timestamp()),
        )


def as_text(claims: Mapping[str, Iterable[Claim]]) -> str | None:
    """Return *claims*, by host trade, as an outbox keeps them; None: there are none."""
    kept = list(claims.items())[-MOST_KEPT:]
    facts = {
        trade_id: [
            [c.journal_id, c.symbol, str(c.quantity), str(c.price), c.at] for c in some
        ]
        for trade_id, some in kept
    }
    return json.dumps(facts, separators=(",", ":")) if facts else None


def claims_in(text: str | None) -> dict[str, tuple[Claim, ...]]:
    """Return the claims that an outbox keeps as *text*."""
    if not text:
        return {}
    return {
        trade_id: tuple(
            Claim(journal_id, symbol, Decimal(quantity), Decimal(price), at)
            for journal_id, symbol, quantity, price, at in some
        )
        for trade_id, some in json.loads(text).items()
    }


def equal_claims(claims: Iterable[Claim], executions: Iterable[Execution]) -> set[int]:
    """Return the journal trades that claim one of *executions*."""
    ours = {Claim.of(0, execution) for execution in executions}
    return {c.journal_id for c in claims if attrs.evolve(c, journal_id=0) in ours}
