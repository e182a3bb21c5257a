"""
What the forwarding waits for, as the outbox has it: the same from every process.

The journal may lag behind what it has stored, and Tradervue may refuse everything. Both
end without anybody's doing, or at a setting: here an operator can read which.
"""

import time
from collections.abc import Mapping

from argo_tradervue_plugin.delivery.refusals import CONDITION, Refusal, hint
from argo_tradervue_plugin.outbox.store import Outbox

__all__ = ["as_lines", "as_time", "obstacles"]


def obstacles(outbox: Outbox) -> Mapping[str, object]:
    """
    Return what the forwarding waits for; times are Unix seconds, None is nothing.

    ``waiting_executions`` are stored and not yet shown by the journal, since
    ``waiting_since``. ``paused_reason`` is what Tradervue says to every import since
    ``paused_since``, ``paused_hint`` what helps; the next is tried at ``paused_until``.
    ``quota_executions`` wait for the plan's quota, and are tried at ``quota_until``.
    """
    quota = outbox.over_quota()
    waiting, refusal = outbox.waiting(), Refusal.of(outbox.condition(CONDITION))
    paused = refusal if refusal and refusal.is_paused else None
    return {
        "waiting_executions": waiting.executions if waiting else 0,
        "waiting_since": waiting.since if waiting else None,
        "paused_reason": paused.text if paused else None,
        "paused_hint": hint(paused.text) if paused else None,
        "paused_since": paused.since if paused else None,
        "paused_until": paused.due_at if paused else None,
        "quota_executions": quota.executions if quota else 0,
        "quota_until": quota.until if quota else None,
    }


def as_lines(facts: Mapping[str, object]) -> list[str]:
    """Return :func:`obstacles` as a person reads them."""
    lines = []
    if facts["waiting_executions"]:
        lines.append(
            f"waiting for the journal to show {facts['waiting_executions']} executions "
            f"since {as_time(facts['waiting_since'])}"
        )
    if facts["paused_reason"]:
        lines.append(
            f"sending is paused since {as_time(facts['paused_since'])}: "
            f"{facts['paused_reason']}; {facts['paused_hint']}; one trade is tried "
            f"again at {as_time(facts['paused_until'])}"
        )
    if facts["quota_executions"]:
        lines.append(
            f"{facts['quota_executions']} executions are over the plan's quota, and "
            f"are tried again at {as_time(facts['quota_until'])}"
        )
    return lines


def as_time(seconds: object) -> str:
    """Return Unix *seconds* as the machine's own time."""
    return time.ctime(float(str(seconds)))
