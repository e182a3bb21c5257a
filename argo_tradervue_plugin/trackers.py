"""
A host's trackers, as long as the host has them.

A host may make a new tracker every day; the old ones are not kept alive for our sake.
"""

import weakref
from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["Trackers"]

V = TypeVar("V")


class Trackers(Generic[V]):
    """
    Values by tracker, by identity: trackers may be equal, or take no hash.

    None is kept alive, but of those that take no weak reference the latest.
    """

    def __init__(self) -> None:
        self._weak: dict[int, tuple[weakref.ref[object], V]] = {}
        self._latest: tuple[object, V] | None = None

    def add(self, tracker: object, value: V) -> None:
        """Note *value* for *tracker*."""
        key = id(tracker)

        def forget(gone: "weakref.ref[object]") -> None:
            kept = self._weak.get(key)
            if kept is not None and kept[0] is gone:  # and not another's in its place
                del self._weak[key]

        try:
            self._weak[key] = weakref.ref(tracker, forget), value
        except TypeError:
            self._latest = tracker, value

    def get(self, tracker: object) -> V | None:
        """Return the value of *tracker*, None where it has none."""
        kept = self._weak.get(id(tracker))
        if kept is not None and kept[0]() is tracker:
            return kept[1]
        if self._latest is not None and self._latest[0] is tracker:
            return self._latest[1]
        return None

    def discard(self, tracker: object) -> None:
        """Forget *tracker*, if it is there."""
        if self._latest is not None and self._latest[0] is tracker:
            self._latest = None
        elif self.get(tracker) is not None:
            del self._weak[id(tracker)]

    def __iter__(self) -> Iterator[object]:
        """Yield the trackers that are there, in the order in which they came."""
        for reference, _ in list(self._weak.values()):
            tracker = reference()
            if tracker is not None:
                yield tracker
        if self._latest is not None:
            yield self._latest[0]

    def __bool__(self) -> bool:
        return any(True for _ in self)
