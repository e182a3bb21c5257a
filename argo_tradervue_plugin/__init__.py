"""
Forwards every trade that Argo records to Tradervue, and believes only what it reads.

Names are imported when they are first asked for: loading the plugin costs a host
neither httpx nor sqlite.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argo_tradervue_plugin.config.credentials import Credentials
    from argo_tradervue_plugin.config.settings import Settings
    from argo_tradervue_plugin.errors import TradervueError
    from argo_tradervue_plugin.hookspecs import hookimpl, hookspec
    from argo_tradervue_plugin.host import load_plugins, mount, observe
    from argo_tradervue_plugin.plugin import get_tradervue_integration
    from argo_tradervue_plugin.services.handle import TradervueIntegration
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "Credentials",
    "Settings",
    "TradervueClient",
    "TradervueError",
    "TradervueIntegration",
    "__version__",
    "get_tradervue_integration",
    "hookimpl",
    "hookspec",
    "load_plugins",
    "mount",
    "observe",
]

# Written here once; the build reads it. Asking the installed metadata for it costs a
# host 25 ms at its start.
__version__ = "0.1.0"

_homes = {
    "Credentials": "config.credentials",
    "Settings": "config.settings",
    "TradervueClient": "tradervue.client",
    "TradervueError": "errors",
    "TradervueIntegration": "services.handle",
    "get_tradervue_integration": "plugin",
    "hookimpl": "hookspecs",
    "hookspec": "hookspecs",
    "load_plugins": "host",
    "mount": "host",
    "observe": "host",
}


def __getattr__(name: str) -> object:
    if name not in _homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_homes[name]}"), name)


def __dir__() -> list[str]:
    return __all__
