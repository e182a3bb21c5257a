"""Values become rows, and rows the same values again, by what their fields are."""

from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.outbox.events import EVENT
from argo_tradervue_plugin.outbox.imports import IMPORT
from argo_tradervue_plugin.outbox.records import (
    Event,
    EventKind,
    ImportRow,
    ImportStage,
    Resend,
    ResendStage,
    ResultRow,
)
from argo_tradervue_plugin.outbox.resends import RESEND
from argo_tradervue_plugin.outbox.results import RESULT
from argo_tradervue_plugin.outbox.rows import EXECUTION
from argo_tradervue_plugin.outbox.slots import SPAN
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.slots import Span
from tests.outbox.desk import EXIT, Desk, execution

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
# A value of each shape that is written from its fields, and one without what may lack.
VALUES = {
    "event": (
        EVENT,
        Event(
            seq=1,
            trade_id="t",
            kind=EventKind.CORRECTION,
            identity="i",
            payload="{}",
            recorded_at=1.5,
        ),
    ),
    "execution": (
        EXECUTION,
        attrs.evolve(execution("t", EXIT, commission="1.10"), part=2, closes="other"),
    ),
    "bare execution": (EXECUTION, execution("t")),
    "import": (
        IMPORT,
        ImportRow(
            id=1,
            account_tag="argo",
            allow_duplicates=True,
            stage=ImportStage.WAITING,
            noted_at=1.0,
        ),
    ),
    "resend": (
        RESEND,
        Resend(
            trade_id="t", stage=ResendStage.SENT, asked_at=1.0, drops_comments=False
        ),
    ),
    "result": (
        RESULT,
        ResultRow(
            start=date(2026, 3, 1), end=date(2026, 3, 2), computed_at=1.0, asked_at=2.0
        ),
    ),
    "span": (SPAN, Span(1, NOON, NOON)),
    "open span": (SPAN, Span(2, NOON, None)),
}


@pytest.mark.parametrize("name", VALUES)
def test_value_is_the_same_after_it_was_kept(name: str) -> None:
    """Whatever a database has no type for: amounts, times, days, flags, members."""
    shape: Any
    value: Any
    shape, value = VALUES[name]
    row = tuple(shape.row(value).values())

    assert all(each is None or isinstance(each, str | int | float) for each in row)
    # A file keeps what is true or false as a number, and a server as it is.
    for kept in (row, tuple(int(v) if isinstance(v, bool) else v for v in row)):
        read = shape.value(*kept)
        assert read == value
        assert [type(getattr(read, n)) for n in shape.names] == [
            type(getattr(value, n)) for n in shape.names
        ]


def test_amount_is_kept_in_plain_digits() -> None:
    """A text with an exponent would be another amount to whoever reads the table."""
    kept = EXECUTION.row(execution("t", quantity="1E+3", commission="0"))

    assert (kept["quantity"], kept["commission"]) == ("1000", "0")


def test_execution_that_is_put_again_is_wholly_replaced(outbox: Outbox) -> None:
    """No field is left of what was planned before, whichever fields there are."""
    desk = Desk(outbox)
    first = attrs.evolve(execution("t", commission="1"), closes="other")
    then = execution("t", symbol="NVDA", quantity="7", price="8", at=60)
    for each in (first, then):
        with desk.write() as writer:
            writer.put(each, account_tag="argo", twin=False, now=1.0)

    [row] = outbox.of_trade("t")
    assert row.execution == then


def test_unknown_fields_are_refused() -> None:
    """A column too many is a fault of a query, and is not passed over."""
    with pytest.raises(TypeError, match="positional"):
        SPAN.value(1, 2, 3, 4)
