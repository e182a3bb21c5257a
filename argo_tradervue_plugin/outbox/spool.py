"""
Where hooks write: a file of this machine, to which each appends its event.

An append is two calls to the system: it writes, and sees that the file is still the
one. It takes no lock and waits for nothing: not for another process that writes, not
for a worker, not for a database that is busy, away or full. A worker takes the file
away, and what is in it over into the outbox; from then on hooks write into a new one.

An event is one line of ASCII-delimited text: a record separator, its five fields with
a unit separator between them, a line feed. Who is killed in the middle of one leaves a
piece without its end, which the next line does not become part of.
"""

import errno
import fcntl
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.config import files
from argo_tradervue_plugin.config.account import Account
from argo_tradervue_plugin.config.databases import shown
from argo_tradervue_plugin.errors import OutboxBusy, OutboxError
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.outbox.kept import FOLDER, Drain, Drained, Kept
from argo_tradervue_plugin.outbox.lines import END, RECORD, UNIT, time_of
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.process.descriptors import is_same, key_of

if TYPE_CHECKING:
    from argo_tradervue_plugin.outbox.glance import Glance

__all__ = ["Spool"]

# A file is taken away every few milliseconds at most, an append takes some millionths
# of a second: the third try finds a file that stays.
TRIES: Final = 10
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
LOOK: Final = 30.0  # seconds until it is seen again that the outbox lacks nothing


class Spool:
    """
    The events of this machine's hooks on their way to an outbox.

    *folder* is made when something is written; all processes of a machine share it.
    *durability* ``full`` waits for the disk at each event, ``normal`` does not: it
    loses nothing when the process dies, and the last moments when the power does.
    """

    def __init__(self, folder: str | Path, *, durability: str = "normal") -> None:
        self.folder = Path(folder).expanduser().absolute()  # a host may go elsewhere
        self._is_durable = durability == "full"
        self._written = self.folder / "events"
        self._taken = self.folder / "taken"
        self._path = str(self._written)
        self._file: AppendedFile | None = None
        self._looks = Looks()
        self._seen: Glance | None = None
        self._is_seen = False  # whether the folder was looked at

    def __repr__(self) -> str:
        return f"Spool({shown(self.folder)!r})"

    def append(self, event: Recorded) -> None:
        """
        Write *event*, behind whatever was written before; it is there on return.

        Its texts have no control characters in them, as JSON and storable ids have not.

        Raises:
            OutboxError: it could not be written.
        """
        trade_id, kind, identity, payload, at = event
        line = (
            f"{RECORD}{trade_id}{UNIT}{kind}{UNIT}{identity}{UNIT}{at!r}{UNIT}"
            f"{payload}{END}"
        ).encode()
        try:
            for _ in range(TRIES):
                # Another thread may open a new one meanwhile; this one stays open for
                # as long as it is held here.
                file = self._file
                if file is None or not file.is_ours():  # the host has closed it
                    file = self._file = self._opened()
                file.append(line)
                if file.is_at(self._path):
                    return
                # It was taken away meanwhile, perhaps before the event was in it. What
                # is written twice is one event.
                self._file = None
        except OSError as error:
            self._file = None  # a host that became a daemon may have closed it
            raise OutboxError(f"{self} cannot be written: {in_words(error)}") from error
        raise OutboxBusy(f"{self} is taken away again and again")

    def move(
        self,
        put: Callable[[Iterable[Recorded]], None],
        also: Sequence[Recorded] = (),
        *,
        drain: Drain | None = None,
    ) -> bool:
        """
        Hand what is here to *put*, in its order, and *also* what could not be written;
        forget it once that has returned. Whatever is written meanwhile is for the next
        time.

        What goes into a *drain* instead, for an account, is kept for some days; a drain
        that lacks what was kept gets that first.

        One process at a time does so, and the order holds across all of them. Returns
        False where there was nothing, or another process is at it. What was handed over
        before its mover died is handed over again, which does no harm: twice it is
        one.

        Raises:
            OutboxError: it could not be read; whatever *put* raises, too.
        """
        is_behind = self._may_be_behind(drain)
        with self._translated():
            is_something = self._is_something()
        if not is_behind and not is_something:
            if also:
                put(also)
            return bool(also)
        with self._translated(), self._alone() as is_alone:
            if not is_alone:
                return False
            hand_over = self._way(put, drain, is_behind=is_behind)
            is_any = os.path.lexists(self._taken)  # whoever took it died
            if is_any:
                hand_over()
            if self._take():
                is_any = True
                hand_over()
            if also:
                put(also)
            return is_any or bool(also) or not is_behind

    def kept(self, account: Account) -> Kept:
        """Return what was drained from here into outboxes of *account*, and stays."""
        return Kept(self.folder, account)

    def waiting(self) -> list[Recorded]:
        """
        Return what is here, each event once.

        Raises:
            OutboxError: it could not be read.
        """
        found: list[Recorded] = []
        with self._translated():
            for path in (self._written, self._taken):
                with suppress(FileNotFoundError), files.opened_to_read(path) as file:
                    found[:0] = events_in(file)
        return list(dict.fromkeys(found))  # one may be in both, see append()

    def count(self) -> int:
        """
        Return how many events are here, each counted once.

        Raises:
            OutboxError: it could not be read.
        """
        with self._translated():
            return self._glance().count()

    def kinds_of(self, trade_ids: Iterable[str]) -> dict[str, set[EventKind]]:
        """
        Return which kinds of events of these trades are here; ids are stored ones.

        Raises:
            OutboxError: it could not be read.
        """
        with self._translated():
            return self._glance().kinds_of(trade_ids)

    def trade_ids(self) -> set[str]:
        """
        Return of which trades there is an entry or an exit here, as stored ids.

        Raises:
            OutboxError: it could not be read.
        """
        with self._translated():
            return self._glance().trade_ids()

    def oldest_at(self) -> float | None:
        """
        Return when the oldest event here was recorded, None where there is none.

        Raises:
            OutboxError: it could not be read.
        """
        times: list[float] = []
        with self._translated():
            for path in (self._written, self._taken):
                with suppress(FileNotFoundError), files.opened_to_read(path) as file:
                    times += [event.at for event in islice(events_in(file), 1)]
        return min(times, default=None)

    def _glance(self) -> "Glance":
        """Return what remembers the files; a hook has no need of it."""
        if self._seen is None:
            from argo_tradervue_plugin.outbox.glance import Glance

            self._seen = Glance((self._taken, self._written))
        return self._seen

    def _is_something(self) -> bool:
        return self._is_written() or os.path.lexists(self._taken)

    def _is_written(self) -> bool:
        with suppress(FileNotFoundError):
            return self._written.lstat().st_size > 0
        return False

    def _take(self) -> bool:
        """Take what is written away from the hooks; tell whether there was any."""
        if not self._is_written():
            return False
        self._written.rename(self._taken)
        # Made here, so that no hook of this process has to.
        with suppress(OSError):
            self._file = self._opened()
        return True

    def _hand_over(self, put: Callable[[Iterable[Recorded]], None]) -> None:
        """Hand what was taken to *put*, and forget it."""
        with files.opened_to_read(self._taken) as file:
            put(events_in(file, is_telling=True))
        self._taken.unlink()

    def _may_be_behind(self, drain: Drain | None) -> bool:
        """Tell whether it is time to see that *drain* has all that was kept."""
        return (
            drain is not None
            and self._looks.is_due(drain)
            and (self.folder / FOLDER).is_dir()
        )

    def _way(
        self,
        put: Callable[[Iterable[Recorded]], None],
        drain: Drain | None,
        *,
        is_behind: bool,
    ) -> Callable[[], None]:
        """Return what hands over what was taken; what a drain lacks goes first."""
        account = None if drain is None else drain.stamp()
        if drain is None or account is None:
            return lambda: self._hand_over(put)
        kept = self.kept(account)
        if is_behind:
            take_up_again(kept, drain)
            self._looks.looked(drain)
        return lambda: self._drain(drain, kept)

    def _drain(self, drain: Drain, kept: Kept) -> None:
        """Drain what was taken, and keep it."""
        try:
            name = kept.spool
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            # Nothing can be kept. A server elsewhere still takes what is here, and
            # what waits in memory behind it.
            self._hand_over(drain.take_over)
            return
        number = kept.next_number(drain.last_drained(name))
        with self._taken.open("rb") as file:
            events = events_in(file, is_telling=True)
            drain.take_over(events, Drained(name, number))
        kept.add(self._taken, number)

    def _opened(self) -> "AppendedFile":
        if not self._is_seen:
            files.make_folder(self.folder)
            self._is_seen = True
        try:
            return AppendedFile(self._path, is_durable=self._is_durable)
        except FileNotFoundError:  # somebody has removed the folder
            files.make_folder(self.folder)
        except PermissionError:
            if not files.moved_aside(self._written):
                raise
        return AppendedFile(self._path, is_durable=self._is_durable)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """
        Tell inside the block whether this process alone is in one.

        The system keeps the lock, on the folder itself, and ends it with the process.
        """
        folder = os.open(self.folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(folder)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutboxError(
                f"{self} cannot be read: {in_words(error)}{self._where(error)}"
            ) from error

    def _where(self, error: OSError) -> str:
        """Return which of the files here it was; nothing where that is not known."""
        if not isinstance(error.filename, str):
            return ""
        with suppress(ValueError):
            name = Path(error.filename).relative_to(self.folder)
            return f" ({name})" if name.parts else ""
        return ""


def take_up_again(kept: Kept, drain: Drain) -> None:
    """
    Drain once more what *drain* has recorded once, and lacks now.

    Raises:
        OutboxError: it could not be recorded now; what was done stays.
        OSError: it cannot be read.
    """
    name = kept.spool
    lacking = kept.after(drain.last_drained(name))
    if not lacking:
        return
    log.error(
        "tradervue.outbox_put_back outbox=%s files=%d since=%s: it lacks what was "
        "recorded since then, which is taken up again and looked for in the journal "
        "before it is sent",
        drain,
        len(lacking),
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(lacking[0].at)),
    )
    for each in lacking:
        with each.path.open("rb") as file:
            again = Drained(name, each.number, again_at=time.time())
            drain.take_over(events_in(file), again)


@attrs.define
class Looks:
    """When a drain was last seen to have everything that is kept."""

    _at: float = -math.inf
    _losses: int = -1

    def is_due(self, drain: Drain) -> bool:
        """Tell whether *drain* may have been put back since."""
        return drain.losses != self._losses or time.monotonic() - self._at > LOOK

    def looked(self, drain: Drain) -> None:
        """Note that *drain* has everything."""
        self._at, self._losses = time.monotonic(), drain.losses


class AppendedFile:
    """A file that is only appended to; open for as long as somebody holds it."""

    def __init__(self, path: str, *, is_durable: bool) -> None:
        self._number = -1
        self._number = files.opened_to_append(path)
        self._is_durable = is_durable
        self._key = key_of(self._number)
        if is_durable:
            synchronize(os.path.dirname(path))  # noqa: PTH120 - a hook waits for it

    def __del__(self) -> None:
        with suppress(OSError, AttributeError):  # it may never have been opened
            if self.is_ours():
                os.close(self._number)

    def is_ours(self) -> bool:
        """Tell whether its number is not another's by now; then it is none of ours."""
        if not is_same(self._number, self._key):
            self._number = -1  # which may be given to ours once more
        return self._number >= 0

    def append(self, line: bytes) -> None:
        """
        Append *line*, whole.

        Raises:
            OSError: it could not be; a part of it may stand there, without its end.
        """
        if os.write(self._number, line) < len(line):
            raise OSError("no space is left for the whole of an event")
        if self._is_durable:
            os.fsync(self._number)

    def is_at(self, path: str) -> bool:
        """Tell whether this is the file that *path* names; its number is no other's."""
        try:
            found = os.stat(path)  # noqa: PTH116 - a hook waits for it
        except FileNotFoundError:
            return False
        return (found.st_ino, found.st_dev) == self._key


def in_words(error: OSError) -> str:
    """Return what went wrong, without the name of a file, which may be a secret."""
    return error.strerror or str(error)


def events_in(
    lines: Iterable[bytes], *, is_telling: bool = False
) -> Iterator[Recorded]:
    """Yield the events in *lines*; what is none is passed over, and said if wanted."""
    damaged, first = 0, b""
    for line in lines:
        whole = line.rpartition(RECORD.encode())[2]
        if not whole.endswith(END.encode()):
            continue  # its writer was killed in it, or is still at it
        try:
            yield event_of(whole[:-1].decode())
        except ValueError:  # a power failure, or a disk; the tracker may still have it
            damaged, first = damaged + 1, first or whole
    if damaged and is_telling:
        log.error(
            "tradervue.event_damaged lines=%d text=%.200r: passed over", damaged, first
        )


def event_of(text: str) -> Recorded:
    """
    Return the event that *text* is.

    Raises:
        ValueError: it is none.
    """
    trade_id, kind, identity, at, payload = text.split(UNIT)
    if "\0" in text:
        raise ValueError("a hole in the file")
    return Recorded(trade_id, EventKind(kind), identity, payload, time_of(at))


def synchronize(folder: str) -> None:
    """Wait until the disk knows what files are in *folder*."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
