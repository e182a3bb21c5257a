"""
A faithful Tradervue on localhost, for anyone who integrates with Tradervue.

    from argo_tradervue_plugin.sandbox import running

    with running(import_seconds=0) as sandbox:
        httpx.get(f"{sandbox.url}/trades", auth=("me", "secret"))

or, as a process, ``python -m argo_tradervue_plugin.sandbox --help``.

It is an independent witness: it follows the public API documentation and imports
nothing else of this package. Where the documentation is silent the sandbox holds a
named, switchable assumption (`Assumptions`), and what may go wrong on the way is a
named fault (`Fault`). Importing this module loads neither starlette nor uvicorn;
they are needed once a sandbox is started, and come with
``pip install 'argo-tradervue-plugin[sandbox]'``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .assumptions import Assumptions
    from .faults import Fault
    from .person import Person
    from .sandbox import Sandbox
    from .server import running

__all__ = ["Assumptions", "Fault", "Person", "Sandbox", "running"]

_HOMES = {
    "Assumptions": "assumptions",
    "Fault": "faults",
    "Person": "person",
    "Sandbox": "sandbox",
    "running": "server",
}


def __getattr__(name: str) -> object:
    """Load *name* from the module it lives in, on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    """Name the public names, loaded or not."""
    return sorted(__all__)
