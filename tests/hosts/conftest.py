"""Every host here has its outbox in a file once, and once on a server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.outbox.server import Server


@pytest.fixture(params=["sqlite", "postgres"])
def section(
    section: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[dict[str, Any]]:
    """The plugin's section; the login is in it, so that AWS is not asked."""
    section |= {"aws_secrets": False}
    if request.param == "sqlite":
        yield section
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield section | {"database": url}
