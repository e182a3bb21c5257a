"""
Where handlers run: on threads, never on the event loop, which is the trading loop.

The host's own synchronous routes share one pool of threads, 40 by default. A Tradervue
that hangs must not use it up, so the handlers that may wait have a few threads of their
own; all others, first of all the status, take one from the common pool.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from argo_tradervue_plugin.web.answering import answer
from argo_tradervue_plugin.web.interface import Route

__all__ = ["MOST_WAITING", "answer_on_thread"]

# Requests to one account wait for each other anyway; more threads would only sleep.
MOST_WAITING: Final = 8

# For each event loop one, as everything of anyio.
_waiting: Final = RunVar[CapacityLimiter]("argo_tradervue_plugin.waiting")


async def answer_on_thread(
    route: Route, headers: Mapping[str, str], values: Mapping[str, object]
) -> tuple[int, bytes]:
    """Return status and body of the answer to a request; never raises."""
    limiter = own_limiter() if route.may_wait else None
    return await to_thread.run_sync(
        partial(answer, route, headers, values), limiter=limiter
    )


def own_limiter() -> CapacityLimiter:
    """Return what keeps the handlers that wait to a few, on this event loop."""
    limiter = _waiting.get(None)
    if limiter is None:
        limiter = CapacityLimiter(MOST_WAITING)
        _waiting.set(limiter)
    return limiter
