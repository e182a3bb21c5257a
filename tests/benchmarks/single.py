"""
The common way to import: a request for each trade, and a wait for its outcome.

A few lines of plain httpx. It is generous to that way: it looks for the outcome as
early and as often as the plugin does at first, reads nothing back and writes no notes.
"""

import time
from collections.abc import Iterable
from typing import Any, Final

import httpx

from argo_tradervue_plugin.model.executions import EventKind
from tests.argo.trade import Trade
from tests.benchmarks.trades import Event

__all__ = ["document_of", "import_one_by_one"]

LOOK: Final = 0.02  # seconds between two looks at an import


def import_one_by_one(client: httpx.Client, trades: Iterable[Trade]) -> float:
    """Import closed *trades*, each by itself; return the seconds."""
    began = time.perf_counter()
    for trade in trades:
        both = document_of(Event(EventKind.ENTRY, trade), Event(EventKind.EXIT, trade))
        client.post("/imports", json=both).raise_for_status()
        while True:
            time.sleep(LOOK)
            told = client.get("/imports").raise_for_status().json()
            if told["status"] not in {"queued", "processing"}:
                break
        if told["status"] != "succeeded":
            raise RuntimeError(f"the import failed: {told}")
    return time.perf_counter() - began


def document_of(*events: Event) -> dict[str, Any]:
    """Return an import of the executions of *events*."""
    return {
        "allow_duplicates": False,
        "executions": [execution_of(event) for event in events],
    }


def execution_of(event: Event) -> dict[str, str]:
    """Return the one execution that *event* stands for."""
    trade, is_exit = event.trade, event.kind is EventKind.EXIT
    return {
        "datetime": f"{trade.exit_timestamp if is_exit else trade.entry_timestamp}Z",
        "symbol": trade.symbol,
        "quantity": str(-trade.quantity if is_exit else trade.quantity),
        "price": str(trade.exit_price if is_exit else trade.entry_price),
    }
