"""
What follows on a round: reconciliation, and an outbox that was lost.

At rest the journal is clean to reconciliation, and a new outbox that learns from our
notes what stands there sends none of it again. What trades of the other side have
closed is left out of the latter: notes do not tell whose an execution there is.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.services.integration import TradervueIntegration
from tests.argo.trade import Trade
from tests.chaos.stage import Scene
from tests.chaos.truth import StillReader, Truth

__all__ = ["unclean"]

EVER: Final = 36_500  # days
PATIENCE: Final = 60.0  # seconds for what was recorded again


def unclean(scene: Scene, truth: Truth) -> list[str]:
    """Return in words what reconciliation and a new outbox find at rest."""
    section = scene.section()
    with TradervueIntegration(Settings.from_mapping(section)) as integration:
        report = integration.reconcile(EVER)
    parts = (
        "missing",
        "different",
        "shared",
        "duplicated",
        "unknown_tagged",
        "unusable",
        "outcomes",
    )
    wrong = [
        f"reconciliation: {name}: {found}"
        for name in parts
        if (found := getattr(report, name))
    ]
    return wrong if scene.opposites else wrong + relinked(scene, section, truth)


def relinked(scene: Scene, section: Mapping[str, Any], truth: Truth) -> list[str]:
    """Return what an outbox that replaces a lost one sends of what stands there."""
    before = executions(scene)
    lost = {**section, "database": str(scene.folder / "after" / "outbox.db")}
    (scene.folder / "after").mkdir()
    with TradervueIntegration(Settings.from_mapping(lost)) as integration:
        integration.reconciler.relink()
        for hook, trade in last_recordings(truth):
            if hook == "on_position_closed":
                integration.record_exit(trade)
            else:
                integration.record_entry(trade)
        done = integration.flush(PATIENCE)
        outcomes = integration.outbox.outcome_counts()
    wrong = [] if done else ["relinked: not everything has settled"]
    if outcomes:
        wrong.append(f"relinked: outcomes {outcomes}")
    after = executions(scene)
    if before != after:
        wrong.append(f"relinked: sent again {set(after) - set(before)}")
    return wrong


def executions(scene: Scene) -> list[Any]:
    """Return every execution of the journal."""
    with StillReader(scene.url, scene.login) as journal:
        return journal.all_executions()


def last_recordings(truth: Truth) -> Iterable[tuple[str, Trade]]:
    """Yield how the host has each trade that it has recorded for sure."""
    for index, story in enumerate(truth.deck):
        taken = truth.taken(index)
        if (index, taken) in truth.maybe:
            continue  # whether its last step was recorded is not known
        last: dict[str, tuple[str, Trade]] = {}
        for step in story.steps[:taken]:
            if step.is_kept:
                trade = Trade(**step.trade)
                last[trade.id.strip()] = step.hook, trade
        yield from last.values()
