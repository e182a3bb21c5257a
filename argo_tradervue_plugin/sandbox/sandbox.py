"""The sandbox as its users have it: a service, its application and its people."""

from typing import TYPE_CHECKING, Any

from .person import Person
from .service import Service

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class Sandbox(Service):
    """
    A Tradervue in memory. `app` is its ASGI application, `running` puts it on a port.

    *options* are those of :class:`.service.Service`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._app: ASGIApp | None = None

    @property
    def app(self) -> "ASGIApp":
        """
        The ASGI application.

        Raises:
            ImportError: if starlette is not installed, saying what to install.
        """
        if self._app is None:
            from .app import application

            self._app = application(self)
        return self._app

    def person(self, login: str) -> Person:
        """Return the owner of *login*, who edits the journal on the web."""
        return Person(self, login)
