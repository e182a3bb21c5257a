"""What all processes recorded, and the trackers of this one: the host's side."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from argo_tradervue_plugin.model.executions import EventKind
from tests.delivery.stepping import entered, host_trade, id_of
from tests.reconciling.desk import Desk

Trade = SimpleNamespace

EARLY = "2026-03-05T16:45:10"
LATE = "2026-03-05T18:00:00"


def delivered(desk: Desk, *trades: Trade) -> None:
    """Let another process of the host record *trades*, and the journal show them."""
    desk.live(*trades)
    desk.trades = []


@pytest.mark.parametrize("held", [None, [], [1], [2, 3]], ids=str)
def test_perfect_journal_is_clean_from_every_process(
    desk: Desk, held: list[int] | None
) -> None:
    """Whatever its own tracker holds: nothing after a restart, a part, no host."""
    delivered(desk, *(host_trade(n) for n in (1, 2, 3)))
    desk.trades = None if held is None else [host_trade(n) for n in held]
    report = desk.compare()

    assert report.is_clean
    assert len(report.matched) == report.host.trades == report.journal.trades == 3
    assert report.money == sum(report.causes.values(), type(report.money)())


def test_trade_that_only_a_tracker_holds_is_missing_for_its_process_alone(
    desk: Desk,
) -> None:
    """No hook recorded it, so that no other process can know it."""
    delivered(desk, host_trade(1))
    desk.trades = [host_trade(2)]
    assert [m.trade_id for m in desk.compare().missing] == [id_of(2)]
    desk.trades = []
    assert desk.compare().is_clean


@pytest.mark.parametrize(
    ("recorded", "held", "counts"),
    [
        pytest.param(
            {"updated_at": LATE, "exit_price": 103.5},
            {"updated_at": EARLY, "actual_exit_price": 99.0},
            "recorded",
            id="recorded-later",
        ),
        pytest.param(
            {"updated_at": EARLY},
            {"updated_at": LATE, "actual_exit_price": 99.0},
            "held",
            id="held-later",
        ),
        pytest.param(
            {"updated_at": EARLY},
            {"updated_at": EARLY, "actual_exit_price": 99.0},
            "held",
            id="at-one-time-the-tracker",
        ),
        pytest.param({}, {"actual_exit_price": 99.0}, "held", id="no-times"),
        pytest.param(
            {},
            {"updated_at": LATE, "actual_exit_price": 99.0},
            "held",
            id="one-time-alone",
        ),
    ],
)
def test_of_two_closed_copies_the_later_one_counts(
    desk: Desk, recorded: dict[str, Any], held: dict[str, Any], counts: str
) -> None:
    """Without times the tracker's: it is what the host has now."""
    delivered(desk, host_trade(1, **recorded))
    desk.trades = [host_trade(1, **held)]
    report = desk.compare()

    assert report.is_clean is (counts == "recorded")
    if counts == "held":
        assert {"exit price"} <= {d.field for d in report.different}


@pytest.mark.parametrize(
    "held",
    [
        pytest.param({}, id="no-times"),
        pytest.param({"updated_at": "2026-03-05T14:30:02"}, id="older"),
        pytest.param({"actual_entry_price": 99.0}, id="another-price"),
        pytest.param({"cancelled": True, "filled_qty": 4}, id="another-fate"),
        pytest.param({"actual_entry_price": "many"}, id="without-sense"),
    ],
)
def test_open_copy_of_a_trade_that_another_process_closed_says_nothing(
    desk: Desk, held: dict[str, Any]
) -> None:
    """The position was opened here and closed there."""
    delivered(desk, host_trade(1, **({"updated_at": LATE} if held else {})))
    desk.trades = [entered(host_trade(1, **held))]
    report = desk.compare()

    assert report.is_clean
    assert report.unusable == ()
    assert desk.repair().recorded == 0


def test_closed_copy_of_a_trade_that_is_open_by_the_outbox_counts(desk: Desk) -> None:
    """No hook has recorded its exit; whatever the times say."""
    delivered(desk, entered(host_trade(1, updated_at=LATE)))
    desk.trades = [host_trade(1, updated_at=EARLY)]
    report = desk.compare()

    assert {"open"} <= {d.field for d in report.different}
    assert desk.repair().recorded == 1
    assert desk.compare().is_clean


@pytest.mark.parametrize("order", [1, -1], ids=["old-first", "old-last"])
def test_of_several_trackers_the_later_copy_counts(desk: Desk, order: int) -> None:
    """In whatever order they are asked."""
    delivered(desk, host_trade(1, updated_at=EARLY))
    old = entered(host_trade(1, updated_at="2026-03-05T14:30:02"))
    desk.trades = [old, host_trade(1, updated_at=LATE)][::order]
    assert desk.compare().is_clean

    desk.trades = [entered(host_trade(2)), host_trade(2)][::order]
    [missing] = desk.compare().missing
    assert missing.gross_pl > 0


def test_what_was_finished_and_forgotten_is_no_stranger(desk: Desk) -> None:
    """The outbox knows whose it is, and no more; the tracker may know more."""
    delivered(desk, host_trade(1), host_trade(2))
    journal_id = desk.id_of(host_trade(1))
    with desk.forwarder.outbox.maintain() as writer:
        writer.forget([id_of(1)])
    report = desk.compare()

    assert report.is_clean
    assert report.beyond == (journal_id,)
    assert report.as_json()["beyond"] == [journal_id]
    assert report.host.trades == report.journal.trades == 1
    desk.trades = [host_trade(1)]
    assert len(desk.compare().matched) == 2


def test_correction_of_another_process_is_on_the_host_s_side(
    open_desk: Callable[..., Desk],
) -> None:
    """Recorded there, and not delivered yet: the tracker here holds the old figure."""
    desk = open_desk()
    delivered(desk, host_trade(1, updated_at=EARLY))
    desk.forwarder.record(
        host_trade(1, updated_at=LATE, actual_exit_price=104.0), EventKind.CORRECTION
    )
    desk.forwarder.step()
    desk.trades = [host_trade(1, updated_at=EARLY)]
    report = desk.compare()

    assert [o.code for o in report.outcomes] == ["price_changed"]
