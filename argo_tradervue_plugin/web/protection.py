"""What guards a route on the host's application, and whether a host may rely on it."""

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["guarded", "is_same", "name_of", "named", "protection_of"]


def protection_of(dependencies: Iterable[Any]) -> tuple[object, ...]:
    """
    Return what *dependencies* ask: their callables, with the scopes of a ``Security``.

    Two ``Depends`` of one callable are two objects, and one protection.
    """
    return tuple(
        (
            getattr(each, "dependency", each),
            *sorted(getattr(each, "scopes", None) or ()),
        )
        for each in dependencies
    )


def guarded(app: Any, dependencies: Sequence[Any]) -> tuple[object, ...]:
    """Return what guards a route that is added to *app* with *dependencies*."""
    own = getattr(getattr(app, "router", app), "dependencies", None) or ()
    return protection_of([*own, *dependencies])


def is_same(one: Iterable[object], other: Iterable[object]) -> bool:
    """Tell whether two protections ask the same, in whatever order and how often."""
    some, others = list(one), list(other)  # a callable need not be hashable
    return all(each in others for each in some) and all(each in some for each in others)


def named(protection: Sequence[Any]) -> str:
    """Return *protection* in words, for a message."""
    return ", ".join(name_of(each[0]) for each in protection) or "none"


def name_of(what: object) -> str:
    """Return the name of a callable; that of its type where it has none."""
    name = getattr(what, "__qualname__", None)
    return name if isinstance(name, str) else type(what).__qualname__
