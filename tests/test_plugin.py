"""The plugin behind its entry point: what it does in a host, and what it leaves."""

import inspect
import os
import sys
import threading
import time
import types
from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pluggy
import pytest

from argo_tradervue_plugin import get_tradervue_integration, hookspecs
from argo_tradervue_plugin.hookspecs import hookimpl, hookspec
from argo_tradervue_plugin.model.capture import values_of
from argo_tradervue_plugin.model.snapshot import FIELDS
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from argo_tradervue_plugin.outbox.sqlite import Sqlite
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.plugin import TradervuePlugin
from argo_tradervue_plugin.sandbox import Sandbox
from tests.argo.running import RunningHost
from tests.fakes import Neighbour, eventually, fake_distribution, workers_alive

Run = Callable[..., RunningHost]
SPECS = [name for name, f in vars(hookspecs).items() if hasattr(f, "argo_spec")]
IMPLEMENTED = [n for n, f in vars(TradervuePlugin).items() if hasattr(f, "argo_impl")]


def trades_of(sandbox: Sandbox, login: str = "argo") -> list[Any]:
    """Return what stands in the journal."""
    return list(sandbox.account(login).journal.trades.values())


# The contract -----------------------------------------------------------------------


def test_entry_point_is_a_plugin_for_each_host() -> None:
    """What pip has installed loads as the plugin of whoever loads it."""
    (point,) = entry_points(group="argo.plugins", name="tradervue")

    assert isinstance(point.load(), TradervuePlugin)
    assert point.load() is not point.load()


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_is_implemented(name: str) -> None:
    """The plugin has something to do at each point of the contract."""
    assert name in IMPLEMENTED


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_says_what_it_is_for(name: str) -> None:
    """Whoever writes a host reads the contract in its docstrings."""
    assert inspect.getdoc(getattr(hookspecs, name))


@pytest.mark.parametrize("name", IMPLEMENTED)
def test_implementation_takes_no_argument_that_the_contract_lacks(name: str) -> None:
    """It asks for what it needs, and a host can call it by keyword."""
    asked = list(inspect.signature(getattr(TradervuePlugin, name)).parameters)[1:]
    given = list(inspect.signature(getattr(hookspecs, name)).parameters)

    assert set(asked) <= set(given)


def test_nothing_is_pending_against_our_own_contract() -> None:
    """pluggy finds a specification for each implementation."""
    manager = pluggy.PluginManager("argo")
    manager.add_hookspecs(hookspecs)
    manager.register(TradervuePlugin())

    manager.check_pending()


@pytest.mark.parametrize(
    "name", [n for n in IMPLEMENTED if n.startswith(("on_trade", "on_pos", "on_host"))]
)
def test_hook_is_called_before_the_neighbours(name: str) -> None:
    """A neighbour that raises ends the call: it must not come before us."""
    assert getattr(TradervuePlugin, name).argo_impl["tryfirst"] is True


# pluggy, as it is -------------------------------------------------------------------


@pytest.fixture
def manager() -> pluggy.PluginManager:
    """A host's manager with our contract."""
    made = pluggy.PluginManager("argo")
    made.add_hookspecs(hookspecs)
    return made


def test_pluggy_ends_a_call_at_the_first_exception(
    manager: pluggy.PluginManager,
) -> None:
    """The host gets the error, and plugins not yet called are skipped."""
    first, second = Neighbour(), Neighbour(ValueError("broken"))
    manager.register(first)
    manager.register(second)  # called before the one that was registered earlier

    with pytest.raises(ValueError, match="broken"):
        manager.hook.on_trade_recorded(trade=types.SimpleNamespace(id="t1"))

    assert (first.entered, second.entered) == ([], ["t1"])


def test_pluggy_lets_a_failing_import_out(
    manager: pluggy.PluginManager, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry point that cannot be imported stops a host that loads it bare."""
    folder = fake_distribution(
        tmp_path / "site",
        {"broken_by_import": "import no_such_module_anywhere\n"},
        {"broken": "broken_by_import:plugin"},
    )
    monkeypatch.syspath_prepend(str(folder))

    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        manager.load_setuptools_entrypoints("argo.plugins", name="broken")


def test_pluggy_refuses_an_argument_that_the_contract_lacks(
    manager: pluggy.PluginManager,
) -> None:
    """An implementation that asks for more than there is fails at registration."""

    class Curious:
        @hookimpl
        def on_trade_recorded(self, trade: object, price: object) -> None: ...

    with pytest.raises(pluggy.PluginValidationError, match="price"):
        manager.register(Curious())


def test_pluggy_reports_a_hook_that_an_older_host_lacks() -> None:
    """Unless it is marked optional, which is for every hook that comes later."""

    class Newer:
        @hookimpl
        def on_something_new(self) -> None: ...

    class Careful:
        @hookimpl(optionalhook=True)
        def on_something_new(self) -> None: ...

    for plugin_class, is_fine in ((Newer, False), (Careful, True)):
        manager = pluggy.PluginManager("argo")
        manager.add_hookspecs(hookspecs)
        manager.register(plugin_class())
        if is_fine:
            manager.check_pending()
        else:
            with pytest.raises(pluggy.PluginValidationError, match="something_new"):
                manager.check_pending()


def test_host_without_our_routes_hook_still_loads_us() -> None:
    """A host without a web application may not know ``register_routes``."""

    class OlderHost:
        on_host_startup = staticmethod(hookspecs.on_host_startup)
        on_trade_recorded = staticmethod(hookspecs.on_trade_recorded)
        on_position_closed = staticmethod(hookspecs.on_position_closed)
        on_host_shutdown = staticmethod(hookspecs.on_host_shutdown)

    manager = pluggy.PluginManager("argo")
    manager.add_hookspecs(OlderHost)
    manager.register(TradervuePlugin())

    manager.check_pending()


def test_host_without_our_correction_hook_still_loads_us() -> None:
    """``on_trade_corrected`` came later; a host that has it not never calls it."""

    class OlderHost:
        on_host_startup = staticmethod(hookspecs.on_host_startup)
        on_trade_recorded = staticmethod(hookspecs.on_trade_recorded)
        on_position_closed = staticmethod(hookspecs.on_position_closed)
        register_routes = staticmethod(hookspecs.register_routes)
        on_host_shutdown = staticmethod(hookspecs.on_host_shutdown)

    manager = pluggy.PluginManager("argo")
    manager.add_hookspecs(OlderHost)
    made = TradervuePlugin()
    made._recorder = Mock()
    manager.register(made)

    manager.check_pending()
    trade = object()
    manager.hook.on_trade_recorded(trade=trade)
    made._recorder.record_entry.assert_called_once_with(trade)
    made._recorder.record_correction.assert_not_called()


def test_host_whose_startup_gives_more_still_loads_us() -> None:
    """A newer host may pass arguments that we do not ask for."""

    class NewerHost:
        @hookspec
        def on_trade_recorded(self, trade: object, account: object) -> None: ...

    manager = pluggy.PluginManager("argo")
    manager.add_hookspecs(NewerHost)
    made = TradervuePlugin()
    manager.register(made)

    manager.hook.on_trade_recorded(trade=object(), account=1)


# In a host --------------------------------------------------------------------------


def test_trade_goes_from_the_hooks_into_the_journal(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Entry and exit of an unmodified tracker stand there, with our notes."""
    host = run_host(section)
    trade = host.enter()
    host.leave(trade, 190.1, exit_reason="take_profit", commission=2.0)

    assert host.integration.flush(60)
    (found,) = trades_of(sandbox)
    assert found.symbol == "AAPL"
    assert found.notes.startswith(f"[argo {trade.id}]\r\n")
    assert {"argo", "stock", "take-profit"} <= set(found.tags) | set(found.account_tags)
    assert host.integration.health()["counts"]["synced"] == 2


def test_shutdown_waits_for_what_is_under_way(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """The host's end comes after the journal has everything, and stops the worker."""
    host = run_host(section | {"flush_seconds": 20})
    host.enter()
    host.close()

    assert len(trades_of(sandbox)) == 1
    assert host.integration is None
    assert workers_alive() == []
    assert host.tradervue.reason == "the host has shut down"


def test_shutdown_tells_what_it_leaves(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What takes longer stays in the outbox, and goes out at the next start."""
    sandbox.import_seconds = None  # nothing finishes
    host = run_host(section | {"flush_seconds": 0})
    host.enter()
    host.close()
    assert "tradervue.left_in_outbox events=1" in caplog.text

    sandbox.import_seconds = 0
    sandbox.advance(steps=2)
    again = run_host(section)
    assert again.integration.flush(60)
    assert len(trades_of(sandbox)) == 1


def test_second_tracker_joins_the_first_ones_integration(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Several trackers in one process share one outbox and one worker."""
    one, other = run_host(section), run_host(section)

    assert one.integration is other.integration
    one.enter("AAPL")
    other.enter("MSFT")

    assert one.integration.flush(60)
    assert {trade.symbol for trade in trades_of(sandbox)} == {"AAPL", "MSFT"}
    assert len(workers_alive()) == 1


def test_hook_takes_the_trade_as_it_stands(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """The host may mutate its object as soon as the hook has returned."""
    host = run_host(section)
    trade = host.enter()
    trade.symbol = "WRONG"
    trade.entry_price = trade.actual_entry_price = 1.0

    assert host.integration.flush(60)
    (found,) = trades_of(sandbox)
    assert found.symbol == "AAPL"
    assert str(found.parts[0].fill.price) == "187.2"


def test_hook_answers_nothing(run_host: Run, section: dict[str, Any]) -> None:
    """It is told of a trade; it has no say in it."""
    host = run_host(section)
    trade = host.tracker.record_signal_entry("S", "stock", "AAPL", "long", 1.0, 1, 1.0)

    assert host.tradervue.on_trade_recorded(trade) is None
    assert host.plugins.hook.on_position_closed(trade=trade) == []
    assert host.plugins.hook.on_trade_corrected(trade=trade) == []


def test_each_hook_records_an_event_of_its_kind(
    run_host: Run, section: dict[str, Any]
) -> None:
    """What the host corrects without a record method is in the spool like the rest."""
    host = run_host(section)
    host.integration.worker.stop(0)
    host.integration.worker.wake = Mock()
    trade = host.enter(filled_qty=20)
    host.tracker.reconcile_order(trade.id, 50, 187.5)
    host.leave(trade)

    events = host.integration.outbox.spool.waiting()
    assert [(e.trade_id, e.kind) for e in events] == [
        (trade.id, kind) for kind in ("entry", "correction", "exit")
    ]
    told = [dict(zip(FIELDS, values_of(e.payload), strict=False)) for e in events]
    assert [t["filled_qty"] for t in told] == [20, 50, 50]
    assert [t["actual_entry_price"] for t in told] == [
        Decimal("187.2"),
        Decimal("187.5"),
        Decimal("187.5"),
    ]


@pytest.mark.swallows
def test_mistake_of_ours_in_a_correction_does_not_reach_the_host(
    run_host: Run, section: dict[str, Any], swallowed: list[Exception]
) -> None:
    """As in any other hook: the host's job goes on."""
    host = run_host(section)
    trade = host.enter()
    host.integration.record_correction = Mock(side_effect=ValueError("ours"))

    assert host.tracker.reconcile_order(trade.id, 20) is trade
    assert [str(error) for error in swallowed] == ["ours"]


def test_alarm_of_the_host_in_the_midst_of_a_hook_costs_no_event(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Before the event is in the spool, and after it; a line says so."""
    host = run_host(section)
    spool = host.integration.outbox.spool
    append, wake = spool.append, host.integration.worker.wake
    moments = iter([True, False])

    def raise_before(event: Recorded) -> None:
        if next(moments):
            raise TimeoutError("an alarm of the host")
        append(event)

    def raise_after() -> None:
        if wake in waiting:
            waiting.remove(wake)
            raise TimeoutError("an alarm of the host")
        wake()

    waiting = [wake]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spool, "append", raise_before)
        trade = host.enter()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(host.integration.worker, "wake", raise_after)
        host.leave(trade)

    assert host.integration.flush(60)
    assert [len(found.parts) for found in trades_of(sandbox)] == [2]
    assert caplog.text.count("tradervue.interrupted") == 2


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(None, id="none"),
        pytest.param(object(), id="object"),
        pytest.param({"id": "t1"}, id="mapping"),
        pytest.param(types.SimpleNamespace(id="t1"), id="id-alone"),
        pytest.param(
            types.SimpleNamespace(
                id="t1",
                symbol="A",
                signal_type="long",
                quantity=1,
                entry_price="much",
                entry_timestamp="2026-03-05T15:30:00",
            ),
            id="price-that-is-none",
        ),
        pytest.param(
            types.SimpleNamespace(
                id="t1",
                symbol="A",
                signal_type="long",
                quantity=1,
                entry_price=1e50,
                entry_timestamp="2026-03-05T15:30:00",
            ),
            id="price-beyond-measure",
        ),
        pytest.param(
            types.SimpleNamespace(
                id="t1",
                symbol="A",
                signal_type="long",
                quantity=1,
                entry_price=1.0,
                entry_timestamp="0001-01-01T00:00:00",
            ),
            id="before-all-days",
        ),
    ],
)
def test_trade_that_makes_no_sense_is_parked_and_the_rest_goes_on(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    nonsense: object,
) -> None:
    """It waits for a person with its reason; the next trade is synced all the same."""
    host = run_host(section)
    host.plugins.hook.on_trade_recorded(trade=nonsense)
    host.enter("MSFT")

    assert host.integration.flush(60)
    counts = host.integration.health()["counts"]
    assert (counts["quarantined"], counts["synced"]) == (1, 1)
    assert [trade.symbol for trade in trades_of(sandbox)] == ["MSFT"]
    assert caplog.text.count("tradervue.quarantined") == 1


def test_nothing_is_done_before_the_host_starts() -> None:
    """A plugin that was only loaded opens nothing and starts nothing."""
    fresh = TradervuePlugin()
    fresh.on_trade_recorded(object())
    fresh.on_position_closed(object())
    fresh.on_trade_corrected(object())

    assert (fresh.integration, fresh.reason) == (None, "the host has not started")
    assert workers_alive() == []
    fresh.on_host_shutdown()


NOT_STARTED = [
    pytest.param(None, "plugins.tradervue is not in the host's config", 0, id="none"),
    pytest.param({}, "plugins.tradervue is not in the host's config", 0, id="empty"),
    pytest.param(
        {"plugins": {}},
        "plugins.tradervue is not in the host's config",
        0,
        id="no-plugins",
    ),
    pytest.param(
        {"plugins": []}, "plugins.tradervue is not in the host's config", 0, id="a-list"
    ),
    pytest.param(
        {"plugins": {"tradervue": {"enabled": False}}},
        "plugins.tradervue.enabled is false",
        0,
        id="disabled",
    ),
    pytest.param(
        {"plugins": {"tradervue": {}}},
        "plugins.tradervue.enabled is false",
        0,
        id="not-enabled",
    ),
    pytest.param(
        {"plugins": {"tradervue": "on"}},
        "plugins.tradervue must be an object, not a text",
        1,
        id="no-object",
    ),
    pytest.param(
        {"plugins": {"tradervue": {"enabled": "yes"}}},
        "plugins.tradervue.enabled is 'yes', but must be true or false",
        1,
        id="wrong-type",
    ),
]


@pytest.mark.parametrize(("config", "reason", "lines"), NOT_STARTED)
def test_plugin_that_does_not_start_says_why(
    config: Mapping[str, object],
    reason: str,
    lines: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Only what the operator did wrong is an error in the log, once."""
    fresh = TradervuePlugin()
    fresh.on_host_startup(config, None)

    assert fresh.integration is None
    assert fresh.reason == reason
    errors = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert errors == [f"tradervue.disabled reason={reason}"] * lines


@pytest.mark.swallows
def test_part_of_us_that_cannot_be_imported_is_the_reason(
    monkeypatch: pytest.MonkeyPatch, section: dict[str, Any]
) -> None:
    """Also what nobody foresaw is told by the plugin's status."""
    monkeypatch.setitem(sys.modules, "argo_tradervue_plugin.services.integration", None)
    fresh = TradervuePlugin()
    fresh.on_host_startup({"plugins": {"tradervue": section}}, None)

    assert fresh.integration is None
    assert "argo_tradervue_plugin.services.integration" in str(fresh.reason)


def test_outbox_that_cannot_be_opened_is_opened_when_it_can_be(
    run_host: Run,
    section: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The operator is told the path, and loses nothing while he sees to it."""
    (tmp_path / "file").write_text("")
    path = str(tmp_path / "file" / "outbox.db")
    host = run_host(section | {"database": path})
    host.leave(host.enter())

    closed = f"tradervue.outbox_closed error=the outbox {path}"
    eventually(lambda: closed in caplog.text, "it is said")
    (tmp_path / "file").unlink()
    eventually(lambda: len(trades_of(sandbox)) == 1, "it is in the journal")


def test_plugin_starts_again_after_a_shutdown(
    run_host: Run, section: dict[str, Any]
) -> None:
    """A host that is started twice in one process has the plugin twice."""
    run_host(section).close()
    host = run_host(section)

    assert host.integration is not None
    assert host.tradervue.reason is None


def test_stand_in_follows_the_plugin(run_host: Run, section: dict[str, Any]) -> None:
    """Argo's own name for us answers whether the plugin is enabled or not."""
    assert get_tradervue_integration().client.enabled is False
    host = run_host(section)
    assert get_tradervue_integration().outbox is host.integration.outbox
    assert get_tradervue_integration().client.username == "argo"
    host.close()
    assert get_tradervue_integration().client.enabled is False


def test_two_logins_do_not_mix(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """Everything goes to the login of the settings, and nothing to another."""
    host = run_host(section | {"username": "somebody"})
    host.enter()

    assert host.integration.flush(60)
    assert len(trades_of(sandbox, "somebody")) == 1
    assert trades_of(sandbox, "argo") == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_child_records_through_a_connection_and_a_worker_of_its_own(
    run_host: Run, section: dict[str, Any], sandbox: Sandbox
) -> None:
    """A host that preloads and forks loses nothing in any of its processes."""
    host = run_host(section)
    host.enter("AAPL")
    assert host.integration.flush(60)
    in_parent = host.integration.outbox.engine.connection()

    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            assert workers_alive() == []  # a thread does not survive a fork
            host.enter("MSFT")
            assert len(workers_alive()) == 1
            assert host.integration.outbox.engine.connection() is not in_parent
            eventually(lambda: not host.integration.held, "the outbox has it")
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0

    host.enter("TSLA")
    assert host.integration.flush(60)
    assert {t.symbol for t in trades_of(sandbox)} == {"AAPL", "MSFT", "TSLA"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_fork_in_the_middle_of_a_transaction_leaves_the_child_able_to_record(
    tmp_path: Path,
) -> None:
    """Whatever the worker was doing while the host forked: its hooks have the spool."""
    outbox = Outbox(Sqlite(tmp_path / "outbox.db"), spool=Spool(tmp_path / "spool"))
    in_transaction = threading.Event()

    def work() -> None:
        with outbox.engine.begin():
            in_transaction.set()
            time.sleep(0.1)
        outbox.close()

    thread = threading.Thread(target=work)
    thread.start()
    in_transaction.wait()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            outbox.record(Recorded("t1", EventKind.ENTRY, "identity", "{}", 1.0))
            code = 0
        finally:
            os._exit(code)
    thread.join()
    _, status = os.waitpid(pid, 0)
    outbox.close()

    assert os.waitstatus_to_exitcode(status) == 0
