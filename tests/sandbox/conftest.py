"""One sandbox on a real socket for all tests of this folder, empty for each test."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from argo_tradervue_plugin.sandbox import Sandbox

Row = dict[str, object]


# Nothing here is encrypted, and to load the certificates of the world takes longer than
# most tests.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Api:
    """A client of the sandbox that speaks in rows and trades."""

    def __init__(self, sandbox: Sandbox, login: str = "me") -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(
            base_url=sandbox.url,
            auth=(login, "secret"),
            headers={"user-agent": "Tests (https://example.com)"},
            verify=NO_TLS,
        )

    def get(self, path: str, **query: object) -> Any:
        """Return the JSON of a GET that is answered with 200."""
        answer = self.http.get(path, params={k: str(v) for k, v in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, *rows: Row, **members: object) -> dict[str, Any]:
        """Import *rows* and return the finished status with its info."""
        answer = self.http.post("/imports", json={"executions": rows, **members})
        assert answer.json() == {"status": "queued"}, answer.text
        return dict(self.get("/imports"))

    def trades(self, **query: object) -> list[dict[str, Any]]:
        """Return a page of trades."""
        return list(self.get("/trades", **query)["trades"])

    def executions(self, trade_id: int) -> list[dict[str, Any]]:
        """Return the executions of a trade."""
        return list(self.get(f"/trades/{trade_id}/executions")["executions"])


@pytest.fixture
def sandbox(emptied: Sandbox) -> Sandbox:
    """The Tradervue that tests share, empty."""
    return emptied


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Api]:
    """A client logged in as ``me``."""
    made = Api(sandbox)
    with made.http:
        yield made


@pytest.fixture
def log_in(sandbox: Sandbox) -> Iterator[Callable[[str], Api]]:
    """Log in as somebody else."""
    made: list[Api] = []

    def log_in(login: str) -> Api:
        made.append(Api(sandbox, login))
        return made[-1]

    yield log_in
    for each in made:
        each.http.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., httpx.Client]]:
    """Make a client for an address, closed in the end."""
    made: list[httpx.Client] = []

    def connect(base_url: str = "", **options: Any) -> httpx.Client:
        made.append(httpx.Client(base_url=base_url, verify=NO_TLS, **options))
        return made[-1]

    yield connect
    for each in made:
        each.close()


@pytest.fixture
def http(connect: Callable[..., httpx.Client]) -> httpx.Client:
    """A client that says who it is and nothing else."""
    return connect(headers={"user-agent": "Tests (https://example.com)"})


@pytest.fixture
def row() -> Callable[..., Row]:
    """Make a row: ``row("10:15", "SPY", 30, "12.40", commission="0.35")``."""

    def row(
        time: str, symbol: str, quantity: object, price: object, **more: object
    ) -> Row:
        day, _, clock = time.rpartition(" ")
        clock = clock if clock.count(":") == 2 else f"{clock}:00"
        made: Mapping[str, object] = {
            "datetime": f"{day or '2026-03-05'}T{clock}-05:00",
            "symbol": symbol,
            "quantity": str(quantity),
            "price": str(price),
        }
        return {**made, **more}

    return row
