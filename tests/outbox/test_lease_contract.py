"""Who may forward: the lease, its expiry and its fence."""

import pytest

from argo_tradervue_plugin.delivery.logins import HOUR
from argo_tradervue_plugin.errors import LeaseLost
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox import leases
from argo_tradervue_plugin.outbox.records import Lease, Recorded, State, Transition
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.outbox.writer import Writer
from tests.outbox.conftest import Open
from tests.outbox.desk import ENTRY, NOW, Desk, execution, nobody_is_gone


def claim(
    outbox: Outbox, holder: str, *, now: float = NOW, gone: tuple[str, ...] = ()
) -> Lease | None:
    """Claim for a minute; *gone* are processes known to have ended."""
    return outbox.claim(holder, now=now, ttl=60, is_gone=lambda name: name in gone)


def test_free_lease_is_taken(outbox: Outbox) -> None:
    """The first who asks gets it, until its time is over."""
    lease = claim(outbox, "a")

    assert lease == Lease(holder="a", token=1, expires_at=NOW + 60)
    assert outbox.lease_free_at() == NOW + 60


def test_held_lease_is_refused(open_outbox: Open) -> None:
    """As long as somebody holds it, nobody else gets it, from whatever process."""
    assert claim(open_outbox(), "a")

    assert claim(open_outbox(), "b", now=NOW + 59.9) is None


@pytest.mark.parametrize(
    ("holder", "now", "gone"),
    [
        pytest.param("a", NOW + 1, (), id="its own"),
        pytest.param("b", NOW + 60, (), id="expired"),
        pytest.param("b", NOW + 1, ("a",), id="holder gone"),
    ],
)
def test_lease_passes_on(
    outbox: Outbox, holder: str, now: float, gone: tuple[str, ...]
) -> None:
    """Each holder gets a higher token than the one before."""
    assert claim(outbox, "a")
    lease = claim(outbox, holder, now=now, gone=gone)

    assert lease is not None
    assert (lease.token, lease.holder) == (2, holder)


def test_released_lease_is_free_at_once(outbox: Outbox) -> None:
    """Who stops gives way; the token grows all the same."""
    lease = claim(outbox, "a")
    assert lease is not None
    outbox.release(lease)

    assert outbox.lease_free_at() == 0
    after = claim(outbox, "b")
    assert after is not None
    assert after.token == 2


def test_release_of_a_lost_lease_does_not_free_the_present_one(outbox: Outbox) -> None:
    """A late goodbye must not throw the present holder out."""
    lost = claim(outbox, "a")
    assert lost is not None
    assert claim(outbox, "b", now=NOW + 61)
    outbox.release(lost)

    assert outbox.lease_free_at() == NOW + 121
    assert claim(outbox, "c", now=NOW + 62) is None


def test_renewed_lease_lasts_longer_with_the_same_token(outbox: Outbox) -> None:
    """Renewing is no new holder."""
    lease = claim(outbox, "a")
    assert lease is not None
    renewed = outbox.renew(lease, now=NOW + 50, ttl=60)

    assert renewed == Lease(holder="a", token=lease.token, expires_at=NOW + 110)
    assert claim(outbox, "b", now=NOW + 100) is None


def test_expired_lease_that_nobody_took_can_be_renewed(outbox: Outbox) -> None:
    """A process that slept for an hour goes on, if nobody came meanwhile."""
    lease = claim(outbox, "a")
    assert lease is not None

    assert outbox.renew(lease, now=NOW + 3600, ttl=60).expires_at == NOW + 3660


@pytest.mark.parametrize(
    "holder", [pytest.param("b", id="another's"), pytest.param("a", id="its own anew")]
)
def test_lost_lease_cannot_be_renewed(outbox: Outbox, holder: str) -> None:
    """Not even where the same process took it again: the token decides."""
    lost = claim(outbox, "a")
    assert lost is not None
    assert claim(outbox, holder, now=NOW + 61)

    with pytest.raises(LeaseLost):
        outbox.renew(lost, now=NOW + 62, ttl=60)
    assert outbox.lease_free_at() == NOW + 121


def test_writer_with_a_lost_lease_changes_nothing(desk: Desk) -> None:
    """The fence: whatever the former holder still wants to write is refused."""
    desk.enlist(execution("t"))
    desk.record("u")
    assert claim(desk.outbox, "another", gone=("here",))

    with pytest.raises(LeaseLost), desk.write() as writer:
        writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
    with pytest.raises(LeaseLost):
        desk.take_all()
    assert desk.state("t") is State.RECORDED
    assert [event.trade_id for event in desk.outbox.inbox(10)] == ["u"]


def test_holder_of_the_same_name_with_an_old_token_changes_nothing(desk: Desk) -> None:
    """A name can come again, a token cannot."""
    desk.enlist(execution("t"))
    Desk(desk.outbox, holder="here")

    with pytest.raises(LeaseLost), desk.write() as writer:
        writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
    assert desk.state("t") is State.RECORDED


def break_off(desk: Desk, writer: Writer) -> None:
    """Change two things, and fail."""
    writer.apply(Transition(state=State.SENT, rows=[desk.row("t")]), now=NOW)
    writer.set_basic("t", 7)
    raise ZeroDivisionError


def test_transaction_that_fails_changes_nothing(desk: Desk) -> None:
    """All of it or none: the error passes, and the next transaction is fine."""
    desk.enlist(execution("t"), execution("u", at=1))
    with pytest.raises(ZeroDivisionError), desk.write() as writer:
        break_off(desk, writer)
    assert desk.state("t") is State.RECORDED

    desk.move(State.SENT, ("u", ENTRY))
    assert desk.state("u") is State.SENT
    assert desk.outbox.counts()[State.SENT] == 1


def test_hook_needs_no_lease(open_outbox: Open) -> None:
    """Recording is everybody's, whoever forwards."""
    claim(open_outbox(), "a")
    open_outbox().record(Recorded("t", EventKind.ENTRY, "i", "{}", NOW))

    assert len(open_outbox().inbox(10)) == 1


def test_lease_is_lost_between_two_transactions_only(desk: Desk) -> None:
    """A claim waits for, or follows, the transaction that is under way."""
    desk.enlist(execution("t"))
    desk.move(State.SENT, ("t", ENTRY))
    other = desk.outbox.claim("another", now=NOW + 61, ttl=60, is_gone=nobody_is_gone)

    assert other is not None
    assert desk.state("t") is State.SENT


@pytest.fixture
def steady() -> list[float]:
    """What the monotonic clock says; a test moves it on."""
    return [1000.0]


def test_lease_far_ahead_is_taken_after_one_length_without_a_sign_of_life(
    open_outbox: Open, monkeypatch: pytest.MonkeyPatch, steady: list[float]
) -> None:
    """Its holder's clock was ahead; while the holder renews it, it is left alone."""
    monkeypatch.setattr(leases, "monotonic", lambda: steady[0])
    first, second = open_outbox(), open_outbox()

    def claim() -> object:
        return second.claim("b", now=NOW, ttl=60, is_gone=lambda _: False)

    held = first.claim("a", now=NOW + 6 * HOUR, ttl=60, is_gone=lambda _: False)
    assert held is not None
    assert claim() is None
    steady[0] += 59
    assert claim() is None
    first.renew(held, now=NOW + 6 * HOUR + 30, ttl=60)
    steady[0] += 59
    assert claim() is None
    steady[0] += 59
    assert claim() is None
    steady[0] += 1
    assert claim() is not None


def test_what_waits_is_due_as_early_as_it_was_meant_to_be(desk: Desk) -> None:
    """Earlier by what the clock was set back, and at once beyond the longest pause."""
    desk.enlist(*(execution(name) for name in ("t1", "t2", "t3", "t4")))
    outbox = desk.outbox
    rows = {row.trade_id: row for row in outbox.due(NOW, 10)}
    waits = dict(zip(rows, [100.0, 5000.0, 80_000.0, 200_000.0], strict=True))
    with desk.write() as writer:
        for number, (name, seconds) in enumerate(waits.items()):
            reason = "quota" if number > 1 else None
            change = Transition(
                state=State.RECORDED,
                rows=[rows[name]],
                due_at=NOW + seconds,
                reason=reason,
            )
            writer.apply(change, now=NOW)
        writer.hasten(now=NOW, longest=900.0, by=50.0)

    due = {row.trade_id: row.due_at - NOW for row in outbox.due(NOW + 10**6, 10)}
    assert [due[name] for name in rows] == [50.0, 0.0, 79_950.0, 0.0]
