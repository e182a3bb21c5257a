"""Doubles and small helpers that more than one folder of tests uses."""

import resource
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from argo_tradervue_plugin.hookspecs import hookimpl

__all__ = [
    "FakeRedis",
    "Neighbour",
    "SteppingClock",
    "eventually",
    "fake_distribution",
    "room_for",
    "workers_alive",
]

LONGEST = 60.0  # seconds until something that should happen is taken not to


class Neighbour:
    """
    Another plugin of the host, which notes what it was called for.

    It raises *error* from every hook, if one is given, after it has noted the call.
    """

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.entered: list[str] = []
        self.left: list[str] = []
        self.corrected: list[str] = []
        self.started = 0
        self.stopped = 0

    @hookimpl
    def on_host_startup(self) -> None:
        """Note the host's start."""
        self.started += 1
        self._maybe_raise()

    @hookimpl
    def on_trade_recorded(self, trade: object) -> None:
        """Note the id of an entered trade."""
        self.entered.append(getattr(trade, "id", ""))
        self._maybe_raise()

    @hookimpl
    def on_position_closed(self, trade: object) -> None:
        """Note the id of a closed trade."""
        self.left.append(getattr(trade, "id", ""))
        self._maybe_raise()

    @hookimpl
    def on_trade_corrected(self, trade: object) -> None:
        """Note the id of a corrected trade."""
        self.corrected.append(getattr(trade, "id", ""))
        self._maybe_raise()

    @hookimpl
    def on_host_shutdown(self) -> None:
        """Note the host's end."""
        self.stopped += 1
        self._maybe_raise()

    def _maybe_raise(self) -> None:
        if self.error is not None:
            raise self.error


class SteppingClock:
    """A host's clock that goes on by *step* at each look; naive, in UTC."""

    def __init__(self, start: datetime, step: timedelta = timedelta(seconds=1)) -> None:
        self.moment = start
        self.step = step

    def __call__(self) -> datetime:
        """Return the time, and let a step pass."""
        now = self.moment
        self.moment += self.step
        return now


class FakeRedis:
    """What the tracker needs of Redis; values come back as bytes, as they do there."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def set(self, name: str, value: str) -> bool:
        """Keep *value* under *name*."""
        self.values[name] = value
        return True

    def get(self, name: str) -> bytes | None:
        """Return what is kept under *name*, None where nothing is."""
        value = self.values.get(name)
        return None if value is None else value.encode()

    def scan_iter(self, match: str) -> Iterator[bytes]:
        """Yield the names that fit *match*."""
        for name in list(self.values):
            if fnmatchcase(name, match):
                yield name.encode()


def eventually(condition: Callable[[], object], what: str = "") -> None:
    """
    Wait until *condition* holds.

    Raises:
        AssertionError: where it does not within a minute; the text says *what*.
    """
    deadline = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"this did not happen: {what or condition}")
        time.sleep(0.002)


def workers_alive() -> list[threading.Thread]:
    """Return the plugin's worker threads that run in this process."""
    return [t for t in threading.enumerate() if t.name == "argo-tradervue-worker"]


def fake_distribution(
    folder: Path, modules: Mapping[str, str], entry_points: Mapping[str, str]
) -> Path:
    """
    Make an installed distribution in *folder*, which the caller puts on the path.

    It has the folder's name, by which distributions are told apart. *modules* are
    sources by name, *entry_points* objects by name, in the group ``argo.plugins``.
    """
    info = folder / f"{folder.name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder.name}\n")
    lines = [f"{name} = {value}" for name, value in entry_points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[argo.plugins]", *lines]))
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    return folder


@contextmanager
def room_for(most: int) -> Iterator[None]:
    """Let this process write nothing beyond the first *most* bytes of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
