"""
httpx's own line for each request: left out for ours, untouched for everybody else's.

httpx writes at INFO, on a logger that the whole process shares: its lines would bury
ours in the host's log. It writes on the thread that sends, while it sends. A mark in
that thread's context tells our requests from the host's, which may go out at the same
moment from another thread or task.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from argo_tradervue_plugin.process.forking import Lock

__all__ = ["quietly"]

is_ours: ContextVar[bool] = ContextVar("argo_tradervue_request", default=False)


class OthersOnly(logging.Filter):
    """Lets pass what is not about a request of ours, and whatever is a warning."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether *record* is logged."""
        return record.levelno > logging.INFO or not is_ours.get()


ONLY_OTHERS: Final = OthersOnly()
adding = Lock()


@contextmanager
def quietly() -> Iterator[None]:
    """Keep httpx from writing a line for the request that is sent in the block."""
    logger = logging.getLogger("httpx")
    if ONLY_OTHERS not in logger.filters:  # a host may have cleared them
        with adding:
            logger.addFilter(ONLY_OTHERS)  # does nothing where it is there
    mark = is_ours.set(True)
    try:
        yield
    finally:
        is_ours.reset(mark)
