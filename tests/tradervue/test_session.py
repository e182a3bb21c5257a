"""How pages become one list."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from argo_tradervue_plugin.errors import BadAnswer, ServerError
from argo_tradervue_plugin.model.journal import TradeFilter
from argo_tradervue_plugin.tradervue import session
from argo_tradervue_plugin.tradervue.client import TradervueClient


def rows(*ids: int) -> dict[str, list[dict[str, object]]]:
    return {"trades": [{"id": number, "symbol": "XYZ"} for number in ids]}


@pytest.fixture
def paged(api: respx.MockRouter) -> Callable[..., list[int]]:
    """Answer with the given pages; returns the list of pages that were asked for."""

    def set_up(*pages: tuple[int, ...], beyond: tuple[int, ...] = ()) -> list[int]:
        asked: list[int] = []

        def answer(request: httpx.Request) -> httpx.Response:
            page = int(request.url.params["page"])
            asked.append(page)
            ids = pages[page - 1] if page <= len(pages) else beyond
            return httpx.Response(200, json=rows(*ids))

        api.get("/trades").mock(side_effect=answer)
        return asked

    return set_up


def ids(client: TradervueClient, page_size: int = 3) -> list[int]:
    return [trade.id for trade in client.list_trades(page_size=page_size)]


@pytest.mark.parametrize(
    ("pages", "found", "asked"),
    [
        ([()], [], [1]),
        ([(9, 8)], [9, 8], [1]),
        ([(9, 8, 7), (6,)], [9, 8, 7, 6], [1, 2]),
        ([(9, 8, 7), ()], [9, 8, 7], [1, 2]),
        ([(9, 8, 7), (7, 6, 5), (4,)], [9, 8, 7, 6, 5, 4], [1, 2, 3]),
        ([(9, 8, 7), (9, 8, 7)], [9, 8, 7], [1, 2]),
    ],
    ids=["none", "short", "two", "empty-end", "shifted", "end-repeats"],
)
def test_pages_are_joined_without_repeating_a_trade(
    client: TradervueClient,
    paged: Callable[..., list[int]],
    pages: Any,
    found: Any,
    asked: Any,
) -> None:
    """A short page, an empty one or one without news is the last."""
    requests = paged(*pages)

    assert ids(client) == found
    assert requests == asked


def test_pages_are_fetched_as_needed(
    client: TradervueClient, paged: Callable[..., list[int]]
) -> None:
    """Who stops early asks no more."""
    requests = paged((9, 8, 7), (6, 5, 4))

    trades = client.list_trades(page_size=3)
    assert requests == []
    assert [next(trades).id for _ in range(3)] == [9, 8, 7]
    assert requests == [1]
    assert next(trades).id == 6
    assert requests == [1, 2]


def test_a_list_without_end_is_an_error(
    client: TradervueClient, api: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than a thread that never comes back."""
    monkeypatch.setattr(session, "MOST_PAGES", 5)
    api.get("/trades").mock(
        side_effect=lambda request: httpx.Response(
            200, json=rows(int(request.url.params["page"]))
        )
    )

    with pytest.raises(BadAnswer, match="5 pages of the list of trades, and no end"):
        ids(client, page_size=1)


def test_a_page_that_fails_is_asked_for_again(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """What came before is not asked for twice."""
    route = api.get("/trades")
    route.side_effect = [
        httpx.Response(200, json=rows(9, 8, 7)),
        httpx.Response(503),
        httpx.Response(200, json=rows(6)),
    ]

    assert ids(client) == [9, 8, 7, 6]
    assert route.call_count == 3


def test_a_page_that_fails_for_good_ends_the_list(
    client: TradervueClient, api: respx.MockRouter
) -> None:
    """With its error, after what was already there."""
    route = api.get("/trades")
    route.side_effect = [
        httpx.Response(200, json=rows(9, 8, 7)),
        *[httpx.Response(503)] * 3,
    ]
    trades = client.list_trades(page_size=3)

    assert [next(trades).id for _ in range(3)] == [9, 8, 7]
    with pytest.raises(ServerError):
        next(trades)


@pytest.mark.parametrize("page_size", [0, -1, 101])
def test_page_sizes_are_those_of_the_api(
    client: TradervueClient, page_size: int
) -> None:
    """What more than 100 does is not documented; the error comes with the call."""
    with pytest.raises(ValueError, match="from 1 to 100"):
        client.list_trades(page_size=page_size)


def test_a_tag_with_a_comma_is_refused_with_the_call(client: TradervueClient) -> None:
    """Before anybody asks for the first trade."""
    with pytest.raises(ValueError, match="cannot be a tag"):
        client.list_trades(TradeFilter(any_tags=("a,b",)))
