"""The client and the sandbox, two readers of one documentation, over a real socket."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    ImportInProgress,
    NotFound,
    PermissionRefused,
    RateLimited,
    Rejected,
    ServerError,
    Unreachable,
)
from argo_tradervue_plugin.model.journal import (
    ImportRequest,
    ImportResult,
    ImportState,
    ImportStatus,
    NewExecution,
    NewTrade,
    NewUser,
    Side,
    TradeChange,
    TradeFilter,
    UserChange,
)
from argo_tradervue_plugin.tradervue.client import TradervueClient

pytest.importorskip("uvicorn")

NOON = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
DAY = date(2026, 3, 5)


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Any]:
    from argo_tradervue_plugin.sandbox import running

    with running(import_seconds=0) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Any) -> Any:
    """An empty sandbox."""
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def connect(sandbox: Any, fake_time: Any) -> Iterator[Callable[..., TradervueClient]]:
    clients = []

    def make(username: str = "trader", **settings: Any) -> TradervueClient:
        client = TradervueClient(
            Credentials(username=username, password="secret"),
            base_url=sandbox.url,
            sleep=fake_time.sleep,
            **settings,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(connect: Callable[..., TradervueClient]) -> TradervueClient:
    return connect()


def fill(quantity: str, price: str, minutes: int = 0, **more: Any) -> NewExecution:
    return NewExecution(
        symbol=more.pop("symbol", "XYZ"),
        quantity=Decimal(quantity),
        price=Decimal(price),
        executed_at=NOON + timedelta(minutes=minutes),
        **more,
    )


ROUND_TRIP = ImportRequest(
    executions=(
        fill("30", "12.40", commission=Decimal("0.35"), ecn_fee=Decimal("-0.02")),
        fill("-30", "12.50", 10, transaction_fee=Decimal("0.01")),
    ),
    account_tag="argo",
    tags=("bot",),
)


def test_the_check_lets_an_import_be(client: TradervueClient) -> None:
    """Its outcome is still there afterwards."""
    client.create_import(ROUND_TRIP)
    client.check()

    assert client.import_status().state is ImportState.SUCCEEDED


def test_an_import_comes_back_as_it_was_sent(client: TradervueClient) -> None:
    """Executions, fees, times and tags, to the last digit."""
    assert client.import_status() == ImportStatus(state=ImportState.READY)
    client.create_import(ROUND_TRIP)
    status = client.import_status()
    assert status == ImportStatus(
        state=ImportState.SUCCEEDED, result=ImportResult(exec_count=2)
    )
    assert client.import_status().state is ImportState.READY

    (trade,) = client.list_trades()
    entry, exit_ = client.executions(trade.id)
    assert (trade.symbol, trade.side, trade.open) == ("XYZ", Side.LONG, False)
    assert set(trade.tags) == {"argo", "bot"}
    assert trade.volume == 60
    assert trade.gross_pl == Decimal("3.00")
    assert trade.started_at == NOON
    assert trade.ended_at == NOON + timedelta(minutes=10)
    assert (entry.quantity, entry.price) == (Decimal(30), Decimal("12.4"))
    assert entry.executed_at == NOON
    assert entry.commission == Decimal("0.35")
    assert entry.ecn_fee == Decimal("-0.02")
    assert exit_.quantity == -30
    assert exit_.transaction_fee == Decimal("0.01")
    assert client.trade(trade.id).exec_count == 2


def test_duplicates_are_counted(client: TradervueClient) -> None:
    """And stored on request."""
    client.create_import(ROUND_TRIP)
    client.create_import(ROUND_TRIP)
    status = client.import_status()

    assert status.result is not None
    assert status.result.duplicate_count == 2


def test_a_failed_import_names_its_row(client: TradervueClient) -> None:
    """Counted from zero on our side."""
    client.create_import(
        ImportRequest(executions=(fill("1", "1"), fill("0", "2", 5), fill("1", "3")))
    )
    status = client.import_status()

    assert status.state is ImportState.FAILED
    assert status.result is not None
    assert status.result.error_row == 1
    assert status.result.error


def test_a_second_import_has_to_wait(
    sandbox: Any, connect: Callable[..., TradervueClient]
) -> None:
    """The slot is the user's; another user has another."""
    sandbox.inject("import_stuck")
    connect().create_import(ROUND_TRIP)

    with pytest.raises(ImportInProgress, match="import already in progress"):
        connect().create_import(ROUND_TRIP)
    assert connect().import_status().state in {
        ImportState.QUEUED,
        ImportState.PROCESSING,
    }
    connect("another").create_import(ROUND_TRIP)


def test_an_import_of_nothing_is_rejected(client: TradervueClient) -> None:
    """In the documented words."""
    with pytest.raises(Rejected, match="no executions"):
        client.create_import(ImportRequest(executions=()))


def test_trades_are_filtered_and_paged(client: TradervueClient) -> None:
    """By every filter, with pages of any size."""
    client.create_import(ROUND_TRIP)
    shorts = tuple(
        fill(quantity, "5", minutes, symbol=f"S{number}")
        for number in range(7)
        for quantity, minutes in (("-1", 0), ("1", 24 * 60))
    )
    client.create_import(ImportRequest(executions=shorts))

    def symbols(**where: Any) -> list[str]:
        found = client.list_trades(TradeFilter(**where), page_size=3)
        return sorted(trade.symbol for trade in found)

    short = [f"S{number}" for number in range(7)]
    assert symbols() == [*short, "XYZ"]
    assert symbols(side=Side.SHORT) == short
    assert symbols(side=Side.LONG) == ["XYZ"]
    assert symbols(symbol="S3") == ["S3"]
    assert symbols(any_tags=("bot", "other")) == ["XYZ"]
    assert symbols(all_tags=("bot", "argo")) == ["XYZ"]
    assert symbols(all_tags=("bot", "other")) == []
    assert symbols(start=DAY, end=DAY) == [*short, "XYZ"]
    assert symbols(start=DAY + timedelta(days=1)) == []
    assert symbols(intraday=True) == ["XYZ"]
    assert symbols(intraday=False) == short
    assert symbols(winners=True) == ["XYZ"]


@pytest.mark.parametrize("absent", ["null", "missing"])
@pytest.mark.parametrize("side", ["words", "letters"])
def test_open_and_bare_trades_are_read_in_every_form(
    sandbox: Any, client: TradervueClient, absent: str, side: str
) -> None:
    """Nobody knows which of them the real service has."""
    sandbox.assume(absent_values=absent, side_text=side)
    client.create_import(ImportRequest(executions=(fill("-30", "12.40"),)))
    bare = client.create_trade(NewTrade(symbol="ABC"))

    trades = {trade.symbol: trade for trade in client.list_trades()}

    assert trades["XYZ"].side is Side.SHORT
    assert trades["XYZ"].open
    assert trades["XYZ"].exit_price is None
    assert trades["XYZ"].ended_at is None
    assert trades["ABC"].id == bare
    assert trades["ABC"].side is None
    assert client.trade(bare).started_at is None
    assert client.executions(bare) == []
    assert client.trade(trades["XYZ"].id).position_mfe is None


def test_trades_are_made_changed_and_deleted(client: TradervueClient) -> None:
    """What a change leaves out stays."""
    trade_id = client.create_trade(
        NewTrade(
            symbol="ABC", notes="n", initial_risk=Decimal("12.50"), tags=("a", "b")
        )
    )
    client.update_trade(trade_id, TradeChange(notes="é\nü", shared=True))
    client.update_trade(trade_id, TradeChange(tags=("c",)))
    trade = client.trade(trade_id)

    assert trade.notes == "é\r\nü"
    assert trade.initial_risk == Decimal("12.5")
    assert trade.shared
    assert trade.tags == ("c",)
    client.update_trade(trade_id, TradeChange(initial_risk=Decimal("99.05")))
    assert client.trade(trade_id).initial_risk == Decimal("99.05")

    client.delete_trade(trade_id)
    client.delete_trade(trade_id)
    for call in (
        lambda: client.trade(trade_id),
        lambda: client.executions(trade_id),
        lambda: client.update_trade(trade_id, TradeChange(notes="n")),
    ):
        with pytest.raises(NotFound):
            call()


def test_the_journal_is_kept(sandbox: Any, client: TradervueClient) -> None:
    """Entries by day, one with a completed trade stays."""
    client.create_import(ROUND_TRIP)
    other = date(2026, 3, 2)
    entry_id = client.create_journal_entry(other, "n")
    client.update_journal_entry(entry_id, "m")
    sandbox.person("trader").comment("journal", entry_id, "well done")

    assert client.journal_entry(entry_id).notes == "m"
    (comment,) = client.comments("journal", entry_id)
    assert (comment.username, comment.text) == ("somebody", "well done")
    assert comment.written_at.utcoffset() is not None
    assert [entry.date for entry in client.list_journal()] == [DAY, other]
    assert [entry.id for entry in client.list_journal(day=other)] == [entry_id]
    (entry,) = client.list_journal(start=DAY, end=DAY)
    detail = client.journal_entry(entry.id)
    (trade,) = client.list_trades()
    assert detail.trade_count == 1
    assert detail.gross_pl == Decimal("3.00")
    assert detail.total_volume == 60
    assert detail.commissions_and_fees == Decimal("0.34")
    assert detail.trade_ids == (trade.id,)

    with pytest.raises(Rejected, match="completed"):
        client.delete_journal_entry(entry.id)
    client.delete_journal_entry(entry_id)
    client.delete_journal_entry(entry_id)
    with pytest.raises(NotFound):
        client.journal_entry(entry_id)


def test_notes_are_kept(sandbox: Any, client: TradervueClient) -> None:
    """Last changed first."""
    first, second = client.create_note("a"), client.create_note("b")
    client.update_note(first, "c")
    sandbox.person("trader").comment("notes", first, "indeed")

    assert [note.id for note in client.list_notes()] == [first, second]
    assert client.note(first).notes == "c"
    assert client.note(first).comment_count == 1
    assert [comment.text for comment in client.comments("notes", first)] == ["indeed"]
    client.delete_note(first)
    client.delete_note(first)
    with pytest.raises(NotFound):
        client.update_note(first, "d")


def test_a_manager_keeps_users_and_acts_for_them(
    sandbox: Any, connect: Callable[..., TradervueClient]
) -> None:
    """Others may not."""
    manager = connect("manager")
    user_id = manager.create_user(
        NewUser(
            username="member",
            email="m@example.org",
            plan="Silver",
            password="own",
            settings={"merge_mode": "force_split"},
        )
    )
    manager.update_user(user_id, UserChange(plan="Gold"))

    user = manager.user(user_id)
    assert (user.username, user.plan, user.last_login) == ("member", "Gold", None)
    assert "member" in {each.username for each in manager.list_users()}
    with pytest.raises(NotFound):
        manager.user(user_id + 1_000)
    with pytest.raises(Rejected, match="Invalid request"):
        manager.update_user(user_id, UserChange(plan="Platinum"))

    connect("manager", user_id=user_id).create_import(ROUND_TRIP)
    assert len(sandbox.account("member").journal.trades) == 1
    with pytest.raises(PermissionRefused):
        connect("trader", user_id=user_id).check()
    with pytest.raises(PermissionRefused):
        connect("trader").list_users()


def test_a_wrong_password_is_named(
    sandbox: Any, connect: Callable[..., TradervueClient], fake_time: Any
) -> None:
    """And not tried again."""
    connect("manager").create_user(
        NewUser(username="m", email="m@example.org", plan="Gold", password="other")
    )

    with pytest.raises(AuthenticationFailed):
        connect("m").check()
    assert fake_time.sleeps == []


@pytest.mark.parametrize("bodies", ["json", "text", "empty"])
def test_refusals_are_understood_in_every_form(
    sandbox: Any, client: TradervueClient, bodies: str
) -> None:
    """Their bodies are not documented."""
    sandbox.assume(refusal_bodies=bodies, delete_status=204)

    with pytest.raises(NotFound, match="found nothing for trade 99: HTTP 404, "):
        client.trade(99)
    client.delete_trade(99)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("server_error", {"status": 502}),
        ("server_error", {"retry_after": 7}),
        ("rate_limit", {"retry_after": 7, "form": "date"}),
        ("rate_limit", {}),
        ("reset_before", {}),
        ("reset_after", {}),
        ("html_page", {"status": 503}),
        ("truncated_json", {"announced": "all"}),
    ],
    ids=str,
)
def test_a_read_survives_what_passes(
    sandbox: Any,
    client: TradervueClient,
    fake_time: Any,
    fault: str,
    told: dict[str, Any],
) -> None:
    """One more attempt, and the operator hears nothing of it."""
    client.create_import(ROUND_TRIP)
    sandbox.inject(fault, path="/trades", **told)

    assert len(list(client.list_trades())) == 1
    assert len(fake_time.sleeps) == 1
    if "retry_after" in told:
        assert 5 < fake_time.sleeps[0] <= 7


@pytest.mark.parametrize(
    ("fault", "told", "kind"),
    [
        ("server_error", {"when": "after"}, ServerError),
        ("reset_after", {}, Unreachable),
        ("reset_before", {}, Unreachable),
        ("html_page", {"status": 200, "when": "after"}, BadAnswer),
        ("truncated_json", {}, BadAnswer),
        ("truncated_json", {"announced": "all"}, Unreachable),
        ("malformed_json", {}, BadAnswer),
        ("redirect", {}, BadAnswer),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_an_import_in_doubt_is_never_sent_twice(
    sandbox: Any,
    client: TradervueClient,
    fault: str,
    told: dict[str, Any],
    kind: type[ApiError],
) -> None:
    """Whether it was stored is for the caller to find out."""
    sandbox.inject(fault, method="POST", path="/imports", times=None, **told)

    with pytest.raises(kind) as raised:
        client.create_import(ROUND_TRIP)

    assert type(raised.value) is kind
    assert getattr(raised.value, "sent", True)
    assert sandbox.faults.applied == {fault: 1}


def test_an_import_put_off_is_sent_again(
    sandbox: Any, client: TradervueClient, fake_time: Any
) -> None:
    """A 429 says that nothing was processed."""
    sandbox.inject("rate_limit", method="POST", path="/imports", retry_after=3)

    client.create_import(ROUND_TRIP)

    assert fake_time.sleeps == [3.0]
    assert client.import_status().state is ImportState.SUCCEEDED


def test_a_lost_outcome_is_not_mistaken_for_none(
    sandbox: Any, client: TradervueClient
) -> None:
    """A second look would say ready; the error says that it is unknown."""
    client.create_import(ROUND_TRIP)
    sandbox.inject("reset_after", method="GET", path="/imports")

    with pytest.raises(Unreachable) as raised:
        client.import_status()

    assert raised.value.sent
    assert client.import_status().state is ImportState.READY


def test_limits_are_handed_on(sandbox: Any, client: TradervueClient) -> None:
    """A Retry-After of an hour is nothing to sleep through."""
    sandbox.inject("rate_limit", retry_after=3_600)

    with pytest.raises(RateLimited) as raised:
        client.check()

    assert raised.value.retry_after == 3_600
