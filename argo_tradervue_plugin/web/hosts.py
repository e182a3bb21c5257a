"""
By which names a host is spoken to, where the operator has said which are its own.

A page on the web can have its own name lead to this machine once it is loaded (DNS
rebinding). For the browser that is the page's own site, so that ``Origin`` and
``Sec-Fetch-Site`` say nothing; the ``Host`` header still has the page's name.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

__all__ = ["is_allowed", "name_in"]


def is_allowed(host: str | None, names: Collection[str]) -> bool:
    """
    Tell whether a ``Host`` header is one of *names*; without any, whatever it is.

    ``*.example.com`` stands for every name below example.com. Ports do not count.
    """
    if not names:
        return True
    name = name_in(host or "")
    return bool(name) and any(fits(name, each.lower()) for each in names)


def fits(name: str, pattern: str) -> bool:
    """Tell whether *name* is *pattern*, or below it."""
    if pattern.startswith("*."):
        return name.endswith(pattern[1:]) and name != pattern[1:]
    return name == pattern.strip("[]")


def name_in(host: str) -> str:
    """Return the name in a ``Host`` header, in lower case; "" where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return ""
    is_plain = parts.netloc == host and "@" not in host
    return (parts.hostname or "").removesuffix(".") if is_plain else ""
