"""Whose journal it is: an account at Tradervue, and the configuration that names it."""

import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

import attrs

from argo_tradervue_plugin.config.credentials import SECRETS, region_of
from argo_tradervue_plugin.config.databases import (
    absolute,
    is_url,
    meant,
    without_password,
)
from argo_tradervue_plugin.config.settings import SECTION, Settings
from argo_tradervue_plugin.errors import ConfigError

__all__ = ["HOST", "REPLAY", "Account", "Configuration", "normalised"]

HOST: Final = "host"
REPLAY: Final = "replay"
PORTS: Final = {"https": 443, "http": 80}
# The documented address was www until 2025; this machine has two names.
SAME_HOST: Final = {"www.tradervue.com": "app.tradervue.com", "localhost": "127.0.0.1"}


def normalised(base_url: str) -> str:
    """Return *base_url* in the one spelling that is compared and stored."""
    parts = urlsplit(base_url)
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").rstrip(".")
    host = SAME_HOST.get(host, host)
    shown = f"[{host}]" if ":" in host else host
    port = parts.port
    place = shown if port in (None, PORTS.get(scheme)) else f"{shown}:{port}"
    path = "/".join(part for part in parts.path.split("/") if part)
    return f"{scheme}://{place}/{path}" if path else f"{scheme}://{place}"


@attrs.frozen(kw_only=True)
class Account:
    """
    A login at Tradervue, with the member that it acts for; never the password.

    *base_url* is normalised.
    """

    base_url: str = attrs.field(converter=normalised)
    login: str
    user_id: int | None = None

    @classmethod
    def of(cls, settings: Settings, login: str) -> "Account":
        """Return the account that *login* has where *settings* lead."""
        return cls(base_url=settings.base_url, login=login, user_id=settings.user_id)

    def __str__(self) -> str:
        member = "" if self.user_id is None else f" for member {self.user_id}"
        return f"{self.login} at {self.base_url}{member}"

    @property
    def file_name(self) -> str:
        """The name of an outbox that is made for this account, without its ending."""
        host = urlsplit(self.base_url).hostname or ""
        words = readable(f"{self.login}-{host}").strip("-").lower()
        return f"outbox-{words}-{self.digest}"

    @property
    def digest(self) -> str:
        """A short text that no other account has."""
        return digest_of(self.base_url, self.login, self.user_id)


@attrs.frozen(kw_only=True)
class Configuration:
    """
    Everything that decides the account and is known without asking anybody.

    Two hosts that differ in any of it never share a spool. *names* are the user names
    in the settings and the environment, *secrets* says where in AWS a login may be,
    *database* is an absolute path, or a URL without its password. *purpose* is
    ``host``, or ``replay`` for one that never touches a host's outbox.
    """

    base_url: str
    user_id: int | None
    names: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    database: str | None = None
    database_schema: str | None = None
    outbox_name: str | None = None
    purpose: str = HOST

    @classmethod
    def of(
        cls,
        settings: Settings,
        environ: Mapping[str, str] = os.environ,
        purpose: str = HOST,
    ) -> "Configuration":
        """
        Return the configuration that *settings* and *environ* make.

        Raises:
            ConfigError: there is no home folder, and they rely on it.
        """
        base_url, user_id = normalised(settings.base_url), settings.user_id
        if settings.outbox_name:
            # Whoever sets it says which account it is, wherever the login comes from.
            return cls(
                base_url=base_url,
                user_id=user_id,
                outbox_name=settings.outbox_name,
                purpose=purpose,
            )
        names = (settings.username or "", environ.get("TRADERVUE_USERNAME", ""))
        secrets: tuple[str, ...] = ()
        if settings.aws_secrets:
            secrets = (*SECRETS, region_of(environ), environ.get("AWS_PROFILE", ""))
        return cls(
            base_url=base_url,
            user_id=user_id,
            names=names,
            secrets=secrets,
            database=place_of(settings.database),
            database_schema=settings.database_schema,
            purpose=purpose,
        )

    @property
    def names_somebody(self) -> bool:
        """Whether a user name is part of it."""
        return any(self.names)

    @property
    def digest(self) -> str:
        """A short text that no other configuration has."""
        return digest_of(*attrs.astuple(self))


def place_of(database: str | None) -> str | None:
    """
    Return *database* as it stays when the host or a password changes.

    Raises:
        ConfigError: it begins with ``~``, and there is no home.
    """
    if not database:
        return None
    named = meant(database)
    if is_url(named):
        return without_password(named)
    try:
        return absolute(named)  # a host may go elsewhere
    except RuntimeError as error:
        raise ConfigError(
            [f"{SECTION}.database begins with ~, but there is no such home folder"]
        ) from error


def readable(text: str) -> str:
    """Return *text* as the part of a file's name that a person recognises."""
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in text)[:60]


def digest_of(*parts: object) -> str:
    """Return a short text that other *parts* do not have."""
    return sha256(repr(parts).encode()).hexdigest()[:12]
