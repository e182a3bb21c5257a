"""A host with the plugin in it, whose hooks are called as pluggy calls them."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import pluggy

from argo_tradervue_plugin import hookspecs
from argo_tradervue_plugin.model.executions import EventKind
from argo_tradervue_plugin.outbox.records import State
from argo_tradervue_plugin.plugin import TradervuePlugin
from tests.benchmarks.machine import quiet
from tests.benchmarks.trades import Event

if TYPE_CHECKING:
    from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = ["Host", "in_a_process", "section_for"]

LOOK: Final = 0.02  # seconds between two looks at how far the worker is
PATIENCE: Final = 600.0


class Host:
    """
    One plugin of its own, enabled, that forwards to *url* as *login*.

    Several can live in one process. It is garbage-collected as any host is.
    """

    def __init__(self, url: str, database: Path, login: str = "argo") -> None:
        self.plugin = TradervuePlugin()
        self._plugins = pluggy.PluginManager(hookspecs.PROJECT)
        self._plugins.add_hookspecs(hookspecs)
        self._plugins.register(self.plugin)
        section = section_for(url, database, login)
        self._plugins.hook.on_host_startup(
            config={"plugins": {"tradervue": section}}, tracker=None
        )
        if self.plugin.integration is None:
            raise RuntimeError(f"the plugin did not start: {self.plugin.reason}")
        self.integration: TradervueIntegration = self.plugin.integration
        self._hooks = {
            EventKind.ENTRY: self._plugins.hook.on_trade_recorded,
            EventKind.EXIT: self._plugins.hook.on_position_closed,
        }

    def __enter__(self) -> Self:
        """Return the running host."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Shut the host down."""
        self.close()

    def close(self) -> None:
        """Tell the plugin that the host ends."""
        self._plugins.hook.on_host_shutdown()

    def call(self, event: Event) -> int:
        """Call the hook for *event*; return the nanoseconds that it took."""
        hook = self._hooks[event.kind]
        start = time.perf_counter_ns()
        hook(trade=event.trade)
        return time.perf_counter_ns() - start

    def burst(self, events: Sequence[Event]) -> list[int]:
        """Call the hooks one after the other; return the nanoseconds of each call."""
        return [self.call(event) for event in events]

    def settle(self) -> None:
        """Wait until the journal has everything and the worker rests."""
        deadline = time.monotonic() + PATIENCE
        while not self.integration.worker.is_idle():
            if time.monotonic() > deadline:
                error = self.integration.worker.health.last_error
                raise RuntimeError(f"the outbox does not empty itself: {error}")
            time.sleep(LOOK)
        quiet()

    def drained_at(self, trade_ids: Iterable[str]) -> float:
        """
        Wait until all these trades are verified; return when the last was (Unix time).

        Raises:
            RuntimeError: where one of them was not.
        """
        self.settle()
        wanted = set(trade_ids)
        states = self.integration.outbox.states_of(wanted)
        verified = [
            i for i in wanted if set(states.get(i, {}).values()) == {State.SYNCED}
        ]
        last = self.integration.outbox.last_synced_at()
        if len(verified) < len(wanted) or last is None:
            raise RuntimeError(f"{len(verified)} of {len(wanted)} trades were verified")
        return last


def section_for(url: str, database: Path, login: str = "argo") -> dict[str, Any]:
    """Return the plugin's section of a host's config."""
    return {
        "enabled": True,
        "username": login,
        "password": "sandbox",
        "aws_secrets": False,
        "base_url": url,
        "database": str(database),
        "flush_seconds": 0,  # who measures waits as long as it takes
    }


def in_a_process(work: Any, *told: Any) -> Any:
    """Return what *work* returns for what it is *told*, in a fresh interpreter."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *told).result()
