"""``/journal``, ``/notes`` and comments."""

from collections.abc import Callable
from typing import Any

import pytest

from argo_tradervue_plugin.sandbox import Sandbox

RowMaker = Callable[..., dict[str, object]]


@pytest.fixture
def traded(api: Any, row: RowMaker) -> None:
    """Trades completed on the 4th and the 6th, one of them over night, one open."""
    api.send(
        row("2026-03-04 10:00", "WIN", 10, 1, commission="1", ecnfee="-0.25"),
        row("2026-03-04 11:00", "WIN", -10, 2),
        row("2026-03-05 10:00", "LOSS", -10, 1),
        row("2026-03-06 11:00", "LOSS", 10, 2),
        row("2026-03-06 12:00", "OPEN", 10, 1),
    )


def entries(api: Any, **query: str) -> list[str]:
    """Return the dates of the entries."""
    return [entry["date"] for entry in api.get("/journal", **query)["journal_entries"]]


@pytest.mark.usefixtures("traded")
def test_days_on_which_trades_were_completed_have_entries(api: Any) -> None:
    """Newest first; not the day on which one was only opened."""
    assert entries(api) == ["2026-03-06", "2026-03-04"]
    assert api.get("/journal")["journal_entries"][0] == {
        "id": api.get("/journal")["journal_entries"][0]["id"],
        "date": "2026-03-06",
        "notes": "",
        "comment_count": 0,
    }


@pytest.mark.usefixtures("traded")
def test_an_entry_tells_the_figures_of_its_day(api: Any) -> None:
    """Of the trades completed; the ids also name those opened or adjusted."""
    ids = {trade["symbol"]: trade["id"] for trade in api.trades()}
    newest, oldest = (
        api.get(f"/journal/{entry['id']}")
        for entry in api.get("/journal")["journal_entries"]
    )
    assert sorted(newest["trade_ids"]) == sorted([ids["LOSS"], ids["OPEN"]])
    assert (newest["trade_count"], newest["gross_pl"]) == (1, -10)
    assert oldest["trade_ids"] == [ids["WIN"]]
    assert (oldest["total_volume"], oldest["commfees"]) == (20, 0.75)


@pytest.mark.usefixtures("traded")
@pytest.mark.parametrize(
    ("query", "dates"),
    [
        ({"d": "03/04/2026"}, ["2026-03-04"]),
        ({"d": "03/05/2026"}, []),
        ({"startdate": "03/05/2026"}, ["2026-03-06"]),
        ({"enddate": "03/05/2026"}, ["2026-03-04"]),
        ({"count": "1", "page": "2"}, ["2026-03-04"]),
    ],
)
def test_entries_are_found_by_date(
    api: Any, query: dict[str, str], dates: list[str]
) -> None:
    """One day, or from one to another."""
    assert entries(api, **query) == dates


def test_an_entry_can_be_written_changed_and_deleted(api: Any) -> None:
    """201 with its address, 200 with nothing, and it is gone."""
    answer = api.http.post("/journal", json={"date": "2026-03-07", "notes": "quiet"})
    made = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.sandbox.url}/journal/{made}"
    where = f"/journal/{made}"
    entry = api.get(where)
    assert (entry["notes"], entry["trade_ids"], entry["gross_pl"]) == ("quiet", [], 0)
    answer = api.http.put(where, json={"notes": "a\nb", "date": "2026-01-01"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (api.get(where)["notes"], api.get(where)["date"]) == ("a\r\nb", "2026-03-07")
    assert api.http.put(where, json={"notes": 5}).status_code == 400
    assert api.http.delete(where).status_code == 200
    assert api.http.get(where).status_code == 404
    assert api.http.put(where, json={"notes": ""}).status_code == 404
    assert api.http.delete(where).status_code == 404


@pytest.mark.parametrize("date", [None, "", "03/07/2026", "2026-02-30", 20260307])
def test_an_entry_needs_a_date(api: Any, date: object) -> None:
    """Year first, in a body."""
    answer = api.http.post("/journal", json={"date": date})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_entry_takes_the_template_unless_told_otherwise(
    api: Any, sandbox: Sandbox
) -> None:
    """As a trade does."""
    sandbox.assume(notes_template="Plan:")
    for date, told, notes in (
        ("2026-03-07", {}, "Plan:"),
        ("2026-03-08", {"notes": ""}, ""),
    ):
        made = api.http.post("/journal", json={"date": date, **told}).json()["id"]
        assert api.get(f"/journal/{made}")["notes"] == notes


def test_a_second_entry_for_a_date_is_refused_or_replaces(
    api: Any, sandbox: Sandbox
) -> None:
    """As assumed."""
    body = {"date": "2026-03-07", "notes": "one"}
    first = api.http.post("/journal", json=body).json()["id"]
    answer = api.http.post("/journal", json={**body, "notes": "two"})
    assert answer.status_code == 400
    sandbox.assume(second_journal_entry="replaced")
    answer = api.http.post("/journal", json={**body, "notes": "two"})
    assert (answer.status_code, answer.json()) == (201, {"id": first})
    assert api.get(f"/journal/{first}")["notes"] == "two"


@pytest.mark.usefixtures("traded")
def test_an_entry_stays_while_trades_were_completed_on_its_date(api: Any) -> None:
    """400; once they are gone, an untouched entry goes by itself."""
    first = api.get("/journal", d="03/04/2026")["journal_entries"][0]["id"]
    answer = api.http.delete(f"/journal/{first}")
    assert answer.status_code == 400
    assert answer.json()["error"]
    api.http.delete(f"/trades/{api.trades(symbol='WIN')[0]['id']}")
    assert api.http.get(f"/journal/{first}").status_code == 404


@pytest.mark.usefixtures("traded")
def test_an_entry_that_somebody_wrote_in_stays(api: Any) -> None:
    """Also when its trades go."""
    first = api.get("/journal", d="03/04/2026")["journal_entries"][0]["id"]
    api.http.put(f"/journal/{first}", json={"notes": "mine"})
    api.http.delete(f"/trades/{api.trades(symbol='WIN')[0]['id']}")
    assert api.get(f"/journal/{first}")["notes"] == "mine"


@pytest.mark.usefixtures("traded")
def test_entries_may_be_made_by_people_only(api: Any, sandbox: Sandbox) -> None:
    """If so assumed."""
    sandbox.assume(journal_days="explicit")
    assert entries(api) == []
    made = api.http.post("/journal", json={"date": "2026-03-04"}).json()["id"]
    assert api.get(f"/journal/{made}")["trade_count"] == 1


def test_notes_are_listed_last_updated_first(api: Any) -> None:
    """Pages as everywhere."""
    first, second, third = (
        api.http.post("/notes", json={"notes": text}).json()["id"] for text in "abc"
    )
    api.http.put(f"/notes/{first}", json={"notes": "a again"})
    listed = api.get("/notes")["journal_notes"]
    assert [note["id"] for note in listed] == [first, third, second]
    assert listed[0] == {"id": first, "notes": "a again", "comment_count": 0}
    page = api.get("/notes", count=2, page=2)["journal_notes"]
    assert [note["id"] for note in page] == [second]


def test_a_note_can_be_written_changed_and_deleted(api: Any) -> None:
    """201 with its address, 200 with nothing, and it is gone."""
    answer = api.http.post("/notes", json={"notes": "idea"})
    made = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{api.sandbox.url}/notes/{made}"
    where = f"/notes/{made}"
    assert api.get(where) == {"id": made, "notes": "idea", "comment_count": 0}
    answer = api.http.put(where, json={"notes": "better"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert api.get(where)["notes"] == "better"
    assert api.http.put(where, json={"notes": []}).status_code == 400
    assert api.http.post("/notes", json={"notes": []}).status_code == 400
    assert api.http.delete(where).status_code == 200
    for answer in (api.http.get(where), api.http.put(where), api.http.delete(where)):
        assert answer.status_code == 404


def test_comments_are_read_oldest_first(api: Any, sandbox: Sandbox) -> None:
    """On trades, entries and notes; nobody writes them over the API."""
    person = sandbox.person("me")
    kinds = {
        "trades": {"symbol": "ABC"},
        "journal": {"date": "2026-03-07"},
        "notes": {"notes": "idea"},
    }
    for kind, body in kinds.items():
        made = api.http.post(f"/{kind}", json=body).json()["id"]
        where = f"/{kind}/{made}/comments"
        assert api.get(where) == {"comments": []}
        first = person.comment(kind, made, "nice", username="friend")
        second = person.comment(kind, made, "thanks")
        comments = api.get(where)["comments"]
        assert [each["id"] for each in comments] == [first, second]
        assert comments[0]["username"] == "friend"
        assert comments[0]["datetime"].endswith("Z")
        assert api.get(f"/{kind}/{made}")["comment_count"] == 2
        assert api.http.post(where, json={"text": "x"}).status_code == 405
        assert api.http.get(f"/{kind}/999999/comments").status_code == 404
