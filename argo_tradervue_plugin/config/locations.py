"""
Where outbox and spool of a configuration are.

A spool is in a folder of its configuration, beside the outbox that the settings name,
or in the user's state directory. Without such a name the outbox is found there by the
account that it is stamped with.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import attrs

from argo_tradervue_plugin.config.account import (
    HOST,
    REPLAY,
    Account,
    Configuration,
    digest_of,
    readable,
)
from argo_tradervue_plugin.config.databases import (
    is_url,
    place_meant,
    spelled_before,
)
from argo_tradervue_plugin.config.settings import DEFAULT_SCHEMA, SECTION, Settings
from argo_tradervue_plugin.errors import ConfigError, ForeignFile, OutboxError

__all__ = ["Locations", "entries", "state_folder"]

ENDING: Final = ".db"
SPOOLS: Final = "spools"
REPLAYS: Final = "replays"
# Where the outbox was before it belonged to an account; it is used where it is.
FIRST: Final = "outbox.db"
NO_HOME: Final = (
    f"{{}}: set {SECTION}.database to a path that can be written to, or XDG_STATE_HOME "
    "in the environment"
)

ReadStamp = Callable[[Path], Account | None]


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """
    Return the plugin's folder in the user's state directory (XDG).

    Raises:
        ConfigError: this user has no home folder, and no other place is named.
    """
    try:
        state = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        return Path(state).expanduser().absolute() / "argo-tradervue"
    except RuntimeError as error:  # no HOME, and a user that the system does not know
        raise ConfigError([NO_HOME.format("this user has no home folder")]) from error


@attrs.frozen
class Locations:
    """The places that *configuration* leads to; nothing is made or opened here."""

    configuration: Configuration
    folder: Path = attrs.field(factory=state_folder)
    # How to move an outbox whose file was meant to be something else; None: it was not.
    misplaced: str | None = None

    @classmethod
    def of(
        cls,
        settings: Settings,
        environ: Mapping[str, str] = os.environ,
        purpose: str = HOST,
    ) -> "Locations":
        """
        Return the places of the configuration that the two make.

        Raises:
            ConfigError: they rely on a home folder, and there is none.
        """
        configuration = Configuration.of(settings, environ, purpose)
        database = configuration.database
        try:
            folder = state_folder(environ)
        except ConfigError:
            if database is None or is_url(database):
                raise
            folder = Path(f"{database}-state")  # never made: everything is beside it
        if purpose == REPLAY:  # no host looks there, and a replay nowhere else
            folder /= REPLAYS
        return cls(configuration, folder, place_meant(settings.database))

    @property
    def database(self) -> str | None:
        """The outbox, where the settings name it: a path, or a URL without password."""
        return self.configuration.database

    @property
    def default_spools(self) -> Path:
        """The folder of the spools for outboxes in the user's state directory."""
        return self.folder / SPOOLS

    @property
    def spools(self) -> Path:
        """The folder in which the spools of all configurations of a place are."""
        database = self.database
        if database is None:
            return self.default_spools
        if not is_url(database):
            return Path(f"{database}-spool")
        return self._spools_of(database)

    def _spools_of(self, url: str) -> Path:
        schema = self.configuration.database_schema
        is_first = schema in (None, DEFAULT_SCHEMA)
        place = url + ("" if is_first else f" {schema}")
        return self.folder / f"spool-{sha256(place.encode()).hexdigest()[:12]}"

    @property
    def spool(self) -> Path:
        """The folder in which the hooks of this configuration write."""
        return self.spools / self.configuration.digest

    def other_spools(self) -> Iterator[Path]:
        """Yield the folders of the other configurations' spools of this place."""
        own, database = self.spool, self.database
        places = [self.spools]
        if database is not None and is_url(database):
            places.append(self._spools_of(spelled_before(database)))
        for place in places:
            for folder in entries(place):
                if folder != own and folder.is_dir():
                    yield folder

    @property
    def named_outbox(self) -> Path | None:
        """The outbox that the setting ``outbox_name`` names, None without it."""
        name = self.configuration.outbox_name
        if not name:
            return None
        made = digest_of(self.configuration.base_url, self.configuration.user_id, name)
        return self.folder / f"outbox-{readable(name)}-{made}{ENDING}"

    def first_spool(self, outbox: Path | str) -> Path | None:
        """Return where the spool of *outbox* was before configurations had spools."""
        if self.database is not None:
            return self.spools
        first = self.folder / FIRST
        return Path(f"{first}-spool") if Path(outbox) == first else None

    def outboxes(self) -> list[Path]:
        """Return the outboxes in the user's state directory, in no special order."""
        return [p for p in entries(self.folder) if p.suffix == ENDING and p.is_file()]

    def outbox_of(self, account: Account, read_stamp: ReadStamp) -> Path:
        """
        Return the outbox for *account* in the user's state directory; it may be new.

        That is the one stamped with it; otherwise the first that there ever was, while
        it belongs to no account; otherwise one with a readable name.

        Raises:
            OutboxError: where a stamp cannot be read now, or that of a file which may
                be the one.
        """
        found = self.stamped_with(account, read_stamp)
        if found is not None:
            return found
        first = self.folder / FIRST
        if first.is_file() and read_stamp(first) is None:
            return first
        own = self.named_outbox or self.folder / f"{account.file_name}{ENDING}"
        if own.is_file():
            read_stamp(own)  # a damaged one is no reason to begin another
        return own

    def stamped_with(self, account: Account, read_stamp: ReadStamp) -> Path | None:
        """
        Return the outbox in the state directory that is stamped with *account*.

        Raises:
            OutboxError: where a stamp cannot be read now.
        """
        stamps = self._stamps(read_stamp)
        return next((p for p, stamp in stamps.items() if stamp == account), None)

    def candidates(
        self, read_stamp: ReadStamp, *, any_address: bool = False
    ) -> dict[Path, Account | None]:
        """
        Return the outboxes in the state directory that this configuration may mean.

        They have its base URL and member, or no stamp yet; with *any_address* all.

        Raises:
            OutboxError: where a stamp cannot be read now.
        """
        return {
            path: stamp
            for path, stamp in self._stamps(read_stamp).items()
            if stamp is None
            or any_address
            or (stamp.base_url, stamp.user_id)
            == (self.configuration.base_url, self.configuration.user_id)
        }

    def strange(self, read_stamp: ReadStamp) -> list[str]:
        """Return what is wrong with each file here that is passed over."""
        found = []
        for path in self.outboxes():
            try:
                read_stamp(path)
            except ForeignFile as error:
                found.append(str(error))
            except OutboxError:  # another time
                continue
        return found

    def _stamps(self, read_stamp: ReadStamp) -> dict[Path, Account | None]:
        """Return whose each outbox is; damaged and foreign files are passed over."""
        stamps = {}
        for path in self.outboxes():
            with suppress(ForeignFile):
                stamps[path] = read_stamp(path)
        return stamps


def entries(folder: Path) -> Iterable[Path]:
    """Return what is in *folder*, nothing where there is none."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
