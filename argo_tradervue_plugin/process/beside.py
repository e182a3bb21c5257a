"""Work that the host waits for no longer than it wants to."""

import threading
from collections.abc import Callable

from argo_tradervue_plugin.guard import guard

__all__ = ["beside"]


def beside(work: Callable[[], None], seconds: float, *, where: str) -> bool:
    """
    Do *work* on a thread of its own; return whether it ended within *seconds*.

    What goes wrong in it is kept from the host, under *where*. It goes on by itself
    where it takes longer. An interpreter that ends has no threads any more: then it is
    done here.
    """

    def guarded() -> None:
        with guard(where):
            work()

    thread = threading.Thread(target=guarded, name=f"argo-tradervue-{where}")
    thread.daemon = True
    try:
        thread.start()
    except RuntimeError:
        guarded()
        return True
    thread.join(max(0.0, seconds))
    return not thread.is_alive()
