"""The clients of an integration: one reads for the host, the worker has its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.joining import Joiner
from argo_tradervue_plugin.delivery.logins import Logins
from argo_tradervue_plugin.errors import ImportInProgress, RateLimited
from argo_tradervue_plugin.process.forking import Lock, importing

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = ["Clients", "client_of"]


class Clients:
    """Clients with the login of the moment, which is that of the outbox's account."""

    def __init__(self, settings: Settings, logins: Logins, joiner: Joiner) -> None:
        self._settings = settings
        self._logins = logins
        self._joiner = joiner
        self._reading = Lock()
        self._read_by: tuple[Credentials, TradervueClient] | None = None

    def reader(self) -> "TradervueClient":
        """
        Return the client that reads for the host; the worker has its own.

        Raises:
            CredentialsError: there is no complete login.
            AuthenticationFailed: Tradervue has refused it, and is not asked now.
            AccountMismatch: it is not that of the outbox, whose journal is meant.
        """
        credentials = self._logins.find().usable()
        self._joiner.see_same(credentials)
        with self._reading:
            if self._read_by is None or self._read_by[0] != credentials:
                if self._read_by is not None:
                    self._read_by[1].close()
                client = client_of(self._settings, credentials)
                client.watch(self._logins.door(credentials))
                self._read_by = (credentials, client)
            return self._read_by[1]

    def probe(self, timeout: float) -> None:
        """
        See that Tradervue can be reached, and knows the login.

        Raises:
            TradervueError: where it is known that nothing can be sent now.
        """
        credentials = self._logins.find().usable()  # and not refused for asking again
        self._joiner.see_same(credentials)
        client = client_of(self._settings, credentials, timeout=timeout)
        client.watch(self._logins.door(credentials))
        try:
            client.check()
        except (ImportInProgress, RateLimited):
            return  # it is there, and busy
        finally:
            client.close()

    def close(self) -> None:
        """Close the one that reads."""
        if self._read_by is not None:
            self._read_by[1].close()


def client_of(
    settings: Settings,
    credentials: Credentials,
    before_attempt: Callable[[], None] | None = None,
    *,
    timeout: float | None = None,
) -> "TradervueClient":
    """Return a client that asks as *settings* say, and waits no longer."""
    with importing:  # not at the start: httpx is half of what a host would wait for
        from argo_tradervue_plugin.tradervue.client import TradervueClient

    longest = settings.timeout_seconds
    return TradervueClient(
        credentials,
        base_url=settings.base_url,
        user_id=settings.user_id,
        contact=settings.contact,
        timeout=min(timeout or longest, longest),
        request_interval=settings.request_interval_seconds,
        logs_requests=settings.log_requests,
        before_attempt=before_attempt,
    )
