"""One round: processes on one outbox, killed time and again, and then the truth."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from tests.chaos.aftermath import unclean
from tests.chaos.points import IN_TRANSACTION, Fate
from tests.chaos.stage import (
    IN_MEMORY,
    LONGEST_WAIT,
    RANDOM,
    Kill,
    Life,
    Stage,
)
from tests.chaos.truth import StillReader, Verdict

__all__ = ["LEASE", "Moment", "Outcome", "play"]

LATEST: Final = 0.4  # seconds; a random moment comes within these
KILLED_STILL: Final = 0.3  # how often who stands still is killed
LEASE: Final = 1.5  # seconds, where somebody stands still until it is over
LONGER: Final = 1.0  # seconds at most for which another leads before one goes on
ASIDE: Final = ("quarantined", "discarded")


@attrs.frozen
class Moment:
    """
    When somebody dies, or for the act ``stop`` stands still until another leads.

    *point* is one of the named ones or ``random``; *at_once*: before the last death is
    recovered from.
    """

    point: str
    act: str = "kill"
    passes: int = 1
    at_once: bool = False


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of a round; *held* counts hooks that left something in memory."""

    kills: list[Kill]
    stops: int
    held: int
    verdict: Verdict


def play(
    stage: Stage,
    moments: Sequence[Moment],
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Let the processes on *stage* meet *moments*, then finish; and compare."""
    is_armed = bool(moments) and moments[0].at_once
    if is_armed:  # before anybody lives
        arm(stage, moments[0])
    for slot in range(stage.scene.processes):
        stage.begin(slot)
    for moment in moments:
        before = len(stage.kills)
        if not moment.at_once:
            since = time.monotonic()
            await_recovery(stage, since, moment)
        if not is_armed:
            arm(stage, moment)
        is_armed = False
        if moment.act == "stop":
            stand_still(stage, moment)
        else:
            die(stage, moment)
        progress(len(stage.kills) - before)
    wrong = finish(stage)
    with StillReader(stage.scene.url, stage.scene.login) as journal:
        verdict = stage.truth.compare(journal)
    if not stage.scene.basics and not wrong + verdict.wrong:
        wrong = unclean(stage.scene, stage.truth)
    return Outcome(
        kills=stage.kills,
        stops=stage.stops,
        held=stage.truth.held,
        verdict=attrs.evolve(verdict, wrong=wrong + verdict.wrong),
    )


def arm(stage: Stage, moment: Moment) -> None:
    """Make sure that somebody meets *moment*."""
    if moment.point != RANDOM:
        folder = stage.folder / "armed"
        Fate.arm(folder, moment.point, passes=moment.passes, act=moment.act)


def await_recovery(stage: Stage, since: float, moment: Moment) -> None:
    """Wait until something was verified after *since*."""
    stage.until(lambda: stage.synced_at > since, f"recovery before {moment}")


def die(stage: Stage, moment: Moment) -> None:
    """Let somebody die at *moment*."""
    kills = len(stage.kills)
    if moment.point == RANDOM:
        stage.wait(stage.dice.uniform(0, LATEST))
        stage.kill(somebody(stage))

    def has_come() -> bool:
        leader = stage.lives.get(stage.leader)
        # Only who begins to lead takes the lease, and only who ends gives it back.
        if leader is not None and not leader.killed_at:
            if moment.point == "lease_taken":
                stage.kill(leader)
            elif moment.point == "lease_going_back" and not leader.is_sent_home:
                stage.send_home(leader)
        return any(kill.point == moment.point for kill in stage.kills[kills:])

    stage.until(has_come, str(moment))


def somebody(stage: Stage) -> Life:
    """Choose one; every second time the one that leads."""
    if stage.leader in stage.lives and stage.dice.random() < 0.5:
        return stage.lives[stage.leader]
    return stage.dice.choice(list(stage.lives.values()))


def stand_still(stage: Stage, moment: Moment) -> None:
    """Let who leads stand still, and go on, or die, once another leads."""
    stops = stage.stops
    stage.until(lambda: stage.stops > stops, str(moment))
    still = next(life for life in stage.lives.values() if life.is_stopped)
    if moment.point == IN_TRANSACTION:
        # Nobody can write now, or take over: hooks keep their events in memory.
        stage.wait(LEASE)
        others = [life for life in stage.lives.values() if life is not still]
        stage.kill(stage.dice.choice(others), IN_MEMORY)
        stage.wait(LEASE)
    else:
        stage.until(lambda: stage.leader != still.number, f"takeover after {moment}")
        stage.wait(stage.dice.uniform(0, LONGER))
    if stage.dice.random() < KILLED_STILL:
        stage.kill(still, "standing_still")
        stage.until(lambda: still.number not in stage.lives, "its death")
    else:
        stage.nursery.act(still.number, "go")
        stage.until(lambda: not still.is_stopped, "its going on")


def finish(stage: Stage) -> list[str]:
    """Let everybody finish, and go; return in words what is not as it should be."""
    (stage.folder / "end").touch()
    stage.until(lambda: not stage.lives, "the end", patience=6 * LONGEST_WAIT)
    last = stage.ends[-1] if stage.ends else {}
    counts = last.get("counts", {})
    wrong = [f"logged: {trouble}" for trouble in stage.troubles]
    if not last.get("done"):
        wrong.append(f"not everything arrived: {last}")
    # An exit for which another trade has left nothing to close is skipped.
    aside = ASIDE if stage.scene.opposites else (*ASIDE, "skipped")
    if any(counts.get(state) for state in aside) or last.get("lost"):
        wrong.append(f"not everything was delivered: {last}")
    if last.get("outcomes"):
        wrong.append(f"something differs: {last['outcomes']}")
    return wrong
