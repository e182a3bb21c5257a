"""Who we are at Tradervue, and where the user name and the password come from."""

import os
from collections.abc import Mapping
from typing import Protocol

import attrs

from argo_tradervue_plugin.errors import CredentialsError

__all__ = ["Credentials", "find_credentials"]


@attrs.frozen(kw_only=True)
class Credentials:
    """
    A Tradervue login. *password* opens the user's whole account: it is never shown.

    *source* says in words where the two were found, for the operator's status.
    """

    username: str
    password: str = attrs.field(repr=lambda _: "'***'")
    source: str = "settings"


class HasLogin(Protocol):
    """What of the settings is looked at here."""

    @property
    def username(self) -> str | None:
        """Return the user name, if it is set."""

    @property
    def password(self) -> str | None:
        """Return the password, if it is set."""


def find_credentials(
    settings: HasLogin, environ: Mapping[str, str] = os.environ
) -> Credentials:
    """
    Return the login: the settings' own, or the environment's.

    Raises:
        CredentialsError: where a part is missing; the text says where was looked.
    """
    username = settings.username or environ.get("TRADERVUE_USERNAME", "")
    password = settings.password or environ.get("TRADERVUE_PASSWORD", "")
    if username and password:
        source = "settings" if settings.password else "environment"
        return Credentials(username=username, password=password, source=source)
    missing = " and ".join(
        name
        for name, value in (("user name", username), ("password", password))
        if not value
    )
    hint = (
        "; TRADERVUE_API_TOKEN is set, but Tradervue has no API token: it is not used"
        if "TRADERVUE_API_TOKEN" in environ
        else ""
    )
    raise CredentialsError(
        f"no Tradervue {missing}: looked in the settings (username, password) and the "
        f"environment (TRADERVUE_USERNAME, TRADERVUE_PASSWORD){hint}"
    )
