"""
The contract between Argo and its plugins, project name ``argo``.

A host calls these hooks by keyword. None of them may block or raise: they run on the
trading loop's own thread.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT: Final = "argo"

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


@hookspec
def on_host_startup(config: Mapping[str, object], tracker: object) -> None:
    """
    The host has read its *config* and made its *tracker*.

    *config* is the whole document; a plugin's section is ``plugins.<name>`` in it.
    Called once for each tracker, before anything is recorded.
    """


@hookspec
def on_trade_recorded(trade: object) -> None:
    """*trade* was entered and stored. Copy what is needed: the host mutates it."""


@hookspec
def on_position_closed(trade: object) -> None:
    """*trade*, recorded before, was closed and stored with its exit."""


@hookspec
def on_trade_corrected(trade: object) -> None:
    """
    *trade* was stored again, and neither entered nor closed by that call.

    A reconciliation job, for instance, learns how much of an order was filled. Hosts
    of an earlier version of this contract do not call it: mark an implementation with
    ``optionalhook=True``, so that they load the plugin all the same.
    """


@hookspec
def register_routes() -> "Sequence[object] | None":
    """Return the routes to mount; None or an empty list is none."""
    return None


@hookspec
def on_host_shutdown() -> None:
    """The host ends. What takes more than a few seconds is left for its next start."""
