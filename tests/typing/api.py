"""
How hosts use the public names, checked by mypy and never run.

What must not pass carries an ignore with its code; an ignore that is not needed any
more fails the check.
"""

from collections.abc import Callable, Mapping

import pluggy

from argo_tradervue_plugin import (
    Credentials,
    Settings,
    TradervueClient,
    TradervueError,
    TradervueIntegration,
    __version__,
    get_tradervue_integration,
    hookimpl,
    hookspec,
    load_plugins,
    observe,
)

config: Mapping[str, object] = {"plugins": {"tradervue": {"enabled": True}}}
tracker = object()

version: str = __version__

manager: pluggy.PluginManager = load_plugins(config, tracker)
undo: Callable[[], None] = observe(tracker, manager)
load_plugins("config.json", tracker)  # type: ignore[arg-type]

settings: Settings = Settings.from_mapping({"enabled": True})
Settings(enabled=True, timeout_seconds=5)
Settings(True)  # type: ignore[call-arg]
settings.enabled = False  # type: ignore[misc]
Settings(nonsense=1)  # type: ignore[call-arg]

login = Credentials(username="me", password="secret")
Credentials("me", "secret")  # type: ignore[call-arg]
login.password = "other"  # type: ignore[misc]

with TradervueIntegration(settings) as tradervue:
    tradervue.record_entry(object())
    tradervue.record_exit(object())
    tradervue.record_correction(object())
    is_done: bool = tradervue.flush(5.0)
    health: Mapping[str, object] = tradervue.health()
was_all_sent: bool = tradervue.close()

client = TradervueClient(login)
client.close()
TradervueClient("me", "secret")  # type: ignore[call-arg, arg-type]

stand_in = get_tradervue_integration()
journal_id: str | None = stand_in.sync_trade_entry(object())
is_synced: bool = stand_in.sync_complete_trade(object())
stats: dict[str, int] = stand_in.sync_recent_trades(days=30)
address: str | None = stand_in.get_widget_url("equity", width=600, height=400)
is_enabled: bool = stand_in.client.enabled
handle: TradervueIntegration = TradervueIntegration(tracker=tracker, client=object())
name: str | None = handle.client.username
widget: str | None = handle.client.get_widget_url("trades", 800, 500)
profile: str | None = handle.client.get_profile_url()
same: TradervueIntegration = stand_in


class Neighbour:
    """A plugin written against our contract."""

    @hookimpl
    def on_trade_recorded(self, trade: object) -> None:
        """Look at a trade."""


class NewContract:
    """A host that adds a hook of its own."""

    @hookspec(firstresult=True)
    def on_something(self, value: int) -> str | None:
        """Say what it is."""


try:
    Settings.from_mapping({})
except TradervueError as error:
    text: str = str(error)
