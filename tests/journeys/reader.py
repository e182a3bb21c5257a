"""
An independent reader of the journal: plain httpx, and nothing of the plugin's.

Numbers are decimals, times aware; what it reads is compared with the host's own trades.
"""

import json
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self

import httpx

__all__ = ["JournalReader", "differences"]

MARKER: Final = re.compile(r"^\[argo (\S+)\]\r?$", re.MULTILINE)
CENT: Final = Decimal("0.01")

Trade = Mapping[str, Any]


class JournalReader:
    """Reads what one login has in the journal at *url* (the address of the API)."""

    def __init__(
        self,
        url: str,
        login: str = "argo",
        password: str = "sandbox",  # noqa: S107 - that of no account in the world
    ) -> None:
        self.http = httpx.Client(
            base_url=url,
            auth=(login, password),
            headers={"user-agent": "Journeys (https://example.com)"},
            timeout=30,
            verify=False,  # noqa: S501 - http, and loading the CAs takes its time
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **query: object) -> Any:
        """Return the document at *path*; numbers with their own digits."""
        answer = self.http.get(path, params={k: str(v) for k, v in query.items()})
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)

    def post_import(self, *rows: Mapping[str, object], **members: object) -> Any:
        """Import *rows* as another program would; return the finished status."""
        answer = self.http.post("/imports", json={"executions": rows, **members})
        assert answer.json() == {"status": "queued"}, answer.text
        return self.get("/imports")

    def trades(self) -> list[dict[str, Any]]:
        """Return every trade as the list shows it, newest first."""
        found: list[dict[str, Any]] = []
        for page in range(1, 1000):
            rows = self.get("/trades", count=100, page=page)["trades"]
            found += rows
            if len(rows) < 100:
                return found
        raise AssertionError("the list of trades has no end")

    def trade(self, trade_id: object) -> dict[str, Any]:
        """Return one trade in full."""
        return dict(self.get(f"/trades/{trade_id}"))

    def executions(self, trade_id: object) -> list[dict[str, Any]]:
        """Return the executions of one trade, oldest first."""
        return list(self.get(f"/trades/{trade_id}/executions")["executions"])

    def all_executions(self) -> list[tuple[str, datetime, Decimal, Decimal]]:
        """Return every execution: symbol, time (UTC), signed quantity, price."""
        return sorted(
            facts(fill)
            for trade in self.trades()
            if trade["exec_count"]
            for fill in self.executions(trade["id"])
        )

    def only(self) -> dict[str, Any]:
        """Return the one trade that there is, in full."""
        trades = self.trades()
        assert len(trades) == 1, trades
        return self.trade(trades[0]["id"])


def facts(fill: Mapping[str, Any]) -> tuple[str, datetime, Decimal, Decimal]:
    """Return what identifies an execution that was read."""
    at = datetime.fromisoformat(fill["datetime"]).astimezone(UTC)
    return fill["symbol"], at, Decimal(fill["quantity"]), Decimal(fill["price"])


def differences(
    journal: JournalReader,
    trades: Iterable[Trade],
    *,
    besides: Container[str] = (),
) -> list[str]:
    """
    Return in words where *journal* does not say what the host's *trades* say.

    Trade by trade: how many, executions, quantities, prices, times, gross P&L to the
    cent, the notes, the initial risk; nothing may stand twice, or be there besides,
    but for the ids in *besides*, which are judged by somebody else.
    """
    told: list[str] = []
    standing = {}
    for row in journal.trades():
        full = journal.trade(row["id"])
        ids = MARKER.findall(full["notes"] or "")
        if ids and all(trade_id in besides for trade_id in ids):
            continue
        if len(ids) != 1:
            told.append(f"journal trade {row['id']} names {ids}")
        for trade_id in ids:
            if trade_id in standing:
                told.append(f"{trade_id} stands twice")
            standing[trade_id] = full
    wanted = {trade["id"]: trade for trade in trades}
    told += [f"{trade_id} is missing" for trade_id in wanted.keys() - standing.keys()]
    told += [f"{trade_id} is no trade" for trade_id in standing.keys() - wanted.keys()]
    for trade_id in wanted.keys() & standing.keys():
        fills = [facts(fill) for fill in journal.executions(standing[trade_id]["id"])]
        told += [
            f"{trade_id}: {problem}"
            for problem in unlike(wanted[trade_id], standing[trade_id], fills)
        ]
    return told


def unlike(
    trade: Trade,
    standing: Mapping[str, Any],
    fills: list[tuple[str, datetime, Decimal, Decimal]],
) -> Iterable[str]:
    """Yield in what a journal trade is not what the host's *trade* was."""
    expected = expected_fills(trade)
    if Counter(fills) != Counter(expected):
        yield f"executions are {fills}, expected {expected}"
    size = abs(expected[0][2])
    facts_told = {
        "symbol": (standing["symbol"], trade["symbol"]),
        "side": (standing["side"], trade["signal_type"]),
        "open": (standing["open"], len(expected) == 1),
        "exec_count": (standing["exec_count"], len(expected)),
        "volume": (standing["volume"], size * len(expected)),
        "entry_price": (standing["entry_price"], expected[0][3]),
    }
    if len(expected) == 2:
        gain = sum((-quantity * price for *_, quantity, price in expected), Decimal(0))
        facts_told["gross_pl"] = (
            Decimal(standing["gross_pl"]).quantize(CENT),
            gain.quantize(CENT),
        )
        commission = Decimal(str(trade["commission"] or 0))
        facts_told["commission"] = (standing["commission"], commission)
    if trade.get("stop_price") is not None:
        # A stop on the winning side is no plan.
        loss = (expected[0][3] - Decimal(str(trade["stop_price"]))) * expected[0][2]
        facts_told["initial_risk"] = (
            standing["initial_risk"],
            loss if loss > 0 else None,
        )
    for name, (is_, wanted) in facts_told.items():
        if is_ != wanted:
            yield f"{name} is {is_}, expected {wanted}"
    if trade["verification_hash"] not in standing["notes"]:
        yield "the notes do not have its hash"
    if trade["exit_reason"] and trade["exit_reason"] not in standing["notes"]:
        yield "the notes do not say why it was closed"


def expected_fills(trade: Trade) -> list[tuple[str, datetime, Decimal, Decimal]]:
    """Return the executions that the host's *trade* stands for."""
    quantity = trade.get("filled_qty")
    size = Decimal(str(trade["quantity"] if quantity is None else quantity))
    opens = size if trade["signal_type"] == "long" else -size
    fills = [
        (
            trade["symbol"],
            second_of(trade["entry_timestamp"]),
            opens,
            price_of(trade, "entry_price"),
        )
    ]
    if trade.get("exit_timestamp") is not None:
        left = second_of(trade["exit_timestamp"])
        fills.append((trade["symbol"], left, -opens, price_of(trade, "exit_price")))
    return fills


def second_of(text: str) -> datetime:
    """Return the host's naive time (UTC), cut to the second."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return moment - timedelta(microseconds=moment.microsecond)


def price_of(trade: Trade, name: str) -> Decimal:
    """Return the fill's price, which wins over the signalled one."""
    filled = trade.get(f"actual_{name}")
    return Decimal(str(trade[name] if filled is None else filled))
