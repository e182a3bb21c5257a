"""What processes say of themselves, and refused logins, on every engine."""

import threading

from argo_tradervue_plugin.outbox.records import Process, RefusedLogin
from argo_tradervue_plugin.outbox.store import Outbox
from tests.outbox.conftest import Open


def said(name: str, at: float = 1.0, facts: str = "{}") -> Process:
    """Return what a process says of itself."""
    return Process(name=name, seen_at=at, facts=facts)


def test_a_process_has_one_row_which_the_others_read(open_outbox: Open) -> None:
    """The latest counts, and whoever leaves is not there any more."""
    ours, theirs = open_outbox(), open_outbox()
    ours.say(said("a"))
    theirs.say(said("b", 2.0))
    ours.say(said("a", 3.0, '{"lost": 1}'))
    assert theirs.processes() == [said("a", 3.0, '{"lost": 1}'), said("b", 2.0)]

    ours.leave("a")
    ours.leave("a")
    assert ours.processes() == theirs.processes() == [said("b", 2.0)]


def test_whoever_speaks_removes_those_that_are_gone(outbox: Outbox) -> None:
    """A process that was killed cannot leave by itself."""
    for name in ("a", "b", "c"):
        outbox.say(said(name))
    outbox.say(said("c", 2.0), gone=["a", "b", "never there"])

    assert outbox.processes() == [said("c", 2.0)]


def test_many_processes_speak_at_once(open_outbox: Open) -> None:
    """Each row is its owner's, and none waits for a lease."""
    outboxes = {f"p{n}": open_outbox() for n in range(4)}

    def speak(name: str, outbox: Outbox) -> None:
        for at in range(1, 21):
            outbox.say(said(name, float(at)), gone=[f"gone-{name}-{at}"])
        outbox.close()

    threads = [threading.Thread(target=speak, args=pair) for pair in outboxes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert open_outbox().processes() == [said(name, 20.0) for name in outboxes]


def test_refusals_of_a_login_are_counted_and_end_when_it_is_accepted(
    outbox: Outbox,
) -> None:
    """The first and the last are kept with their times."""
    with outbox.maintain() as writer:
        writer.note_refused_login("aa", "01", now=10.0)
        writer.note_refused_login("bb", "02", now=11.0)
        writer.note_refused_login("aa", "01", now=12.0)
    refused = RefusedLogin(digest="aa", salt="01", count=2, first_at=10.0, last_at=12.0)
    other = RefusedLogin(digest="bb", salt="02", count=1, first_at=11.0, last_at=11.0)
    assert outbox.refused_logins() == [refused, other]

    with outbox.maintain() as writer:
        writer.forget_refused_logins(["aa", "cc"])
    assert outbox.refused_logins() == [other]


def test_the_oldest_refusals_are_forgotten(outbox: Outbox) -> None:
    """Each costs a digest wherever a login is looked for: there are a few at most."""
    with outbox.maintain() as writer:
        for number in range(20):
            writer.note_refused_login(f"{number:02}", "s", now=float(number))

    assert [r.digest for r in outbox.refused_logins()] == [
        f"{number:02}" for number in range(4, 20)
    ]


def test_the_holder_of_the_lease_is_named_to_everybody(open_outbox: Open) -> None:
    """Before the first there is none; whoever gave it back was the last."""
    ours, theirs = open_outbox(), open_outbox()
    assert theirs.lease_holder() is None
    lease = ours.claim("a/1/1", now=1.0, ttl=5.0, is_gone=lambda _: False)
    assert lease is not None
    assert theirs.lease_holder() == "a/1/1"
    ours.release(lease)
    assert theirs.lease_free_at() == 0
