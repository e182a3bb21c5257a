"""What is in a spool is counted and told apart without reading all of it each time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.model.records import known_by
from argo_tradervue_plugin.outbox import glance
from argo_tradervue_plugin.outbox.records import EventKind, Recorded
from argo_tradervue_plugin.outbox.spool import Spool
from tests.outbox.desk import NOW

IDS: Final = ("trade_1", "trade_2", "17", " 017", "é", "x" * 200, "not-a-uuid")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """A spool with nothing in it."""
    return Spool(tmp_path / "spool")


def event(number: int, kind: EventKind = EventKind.ENTRY) -> Recorded:
    """Return an event of some trade."""
    name = IDS[number % len(IDS)]
    return Recorded(name, kind, "i", f'{{"n":{number}}}', NOW + number)


def assert_true(spool: Spool) -> None:
    """See that a glance and a look at all of it agree."""
    there = spool.waiting()
    kinds: dict[str, set[EventKind]] = {}
    for each in there:
        kinds.setdefault(known_by(each.trade_id), set()).add(each.kind)
    assert spool.count() == len(there)
    assert spool.kinds_of([*map(known_by, IDS), "other"]) == kinds
    assert spool.trade_ids() == {
        i for i, some in kinds.items() if some != {EventKind.CORRECTION}
    }


# What may be done to a spool, by its hooks, its worker, and accidents.
DEEDS: Final = st.sampled_from(
    ["append", "append", "take", "move", "again", "torn", "hole", "odd", "look"]
)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(deeds=st.lists(DEEDS, max_size=25))
def test_it_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[str]
) -> None:
    """Whatever was done meanwhile, and whenever somebody looked."""
    spool = Spool(tmp_path_factory.mktemp("spool") / "s")
    written = spool.folder / "events"
    kinds = list(EventKind)
    last = None
    for number, deed in enumerate(deeds):
        if deed == "append":
            last = event(number, kinds[number % 3])
            spool.append(last)
        elif deed == "again" and last is not None and not written.exists():
            spool.append(last)  # it was taken away while it was written
        elif deed == "take" and written.exists() and not spool._taken.exists():
            written.rename(spool._taken)
            spool._file = None
        elif deed == "move" and (written.exists() or spool._taken.exists()):
            spool.move(lambda events: [*events].clear())
        elif deed in {"torn", "hole", "odd"} and written.exists():
            with written.open("ab") as file:
                text = {"torn": b"\x1etrade_1\x1fen", "hole": b"\x1e\0\0\n"}
                file.write(text.get(deed, b"\x1ea\x1fbought\x1fi\x1f1.0\x1f{}\n"))
        else:
            assert_true(spool)
    assert_true(spool)


def test_only_what_was_appended_is_read(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look costs what came since, however much there is."""
    for number in range(500):
        spool.append(event(number))
    assert_true(spool)
    read: list[object] = []

    def counted(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def called(piece: Any) -> Any:
            read.append(piece)
            return function(piece)

        return called

    monkeypatch.setattr(glance, "about", counted(glance.about))
    monkeypatch.setattr(glance, "number_in", counted(glance.number_in))
    assert spool.count() == 500
    assert len(spool.trade_ids()) == 7
    assert read == []
    spool.append(event(500))
    assert spool.count() == 501
    assert len(read) == 1


def test_another_file_of_the_same_number_is_another(spool: Spool) -> None:
    """A file system gives the number of a file that is gone to the next one."""
    for number in range(3):
        spool.append(event(number))
    assert_true(spool)
    text = b"".join(b"\x1eother_%d\x1fexit\x1fi\x1f1.0\x1f{}\n" % n for n in range(50))
    (spool.folder / "events").write_bytes(text)  # in its place, as it were

    assert spool.count() == 50
    assert_true_of(spool, 50)


def assert_true_of(spool: Spool, number: int) -> None:
    """See that only the trades of the other file are there."""
    assert spool.trade_ids() == {f"other_{n}" for n in range(number)}


def test_large_file_is_read_in_pieces(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line may begin in one and end in another."""
    monkeypatch.setattr(glance, "PIECE", 7)
    for number in range(30):
        spool.append(event(number, list(EventKind)[number % 3]))
        if number % 4 == 0:
            assert_true(spool)
    assert_true(spool)
