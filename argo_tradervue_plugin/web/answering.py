"""From a request to the bytes of its answer: the same for every web framework."""

import json
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from argo_tradervue_plugin.web.failures import CROSS_SITE, explained, other_host
from argo_tradervue_plugin.web.interface import Answer, Route

__all__ = [
    "HEADERS",
    "MEDIA_TYPE",
    "answer",
    "encode",
    "is_allowed",
    "is_cross_site",
    "name_in",
]

MEDIA_TYPE: Final = "application/json"
HEADERS: Final = {
    # Somebody's money, and of this moment: nothing in between may keep it.
    "cache-control": "no-store",
    # It has texts of others in it, which no browser shall take for a page.
    "x-content-type-options": "nosniff",
}


def answer(
    route: Route, headers: Mapping[str, str], values: Mapping[str, object]
) -> tuple[int, bytes]:
    """
    Return status and body of the answer to a request; never raises.

    *headers* are looked up by their lower-case names, *values* are those of the
    route's query parameters, checked.
    """
    try:
        if route.changes_state and is_cross_site(headers):
            return encode(CROSS_SITE)
        host = headers.get("host")
        if route.changes_state and not is_allowed(host, route.hosts()):
            return encode(other_host(host))
        return encode(route.handler(**values))
    except Exception as error:  # noqa: BLE001 - this is the guard
        return encode(explained(f"{route.method} {route.path}", error))


def encode(answer: Answer) -> tuple[int, bytes]:
    """
    Return status and body of *answer*, in ASCII.

    Raises:
        TypeError: where the body has something that JSON does not have.
        ValueError: where it has infinity or not-a-number, which no browser reads.
    """
    body = json.dumps(answer.body, allow_nan=False, separators=(",", ":"))
    return answer.status, body.encode("ascii")


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """
    Tell whether a browser sent this on behalf of another site's page.

    A page cannot forge these two headers, and what is no browser has no need to send
    them: without both, no session can have been abused. Where the browser does
    not say ``Sec-Fetch-Site`` (old ones, and all on plain HTTP), the host names of
    ``Origin`` and ``Host`` must be the same; ports may differ.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "same-site", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        sender = urlsplit(origin).hostname
        return sender is None or sender != urlsplit(f"//{headers['host']}").hostname
    except (KeyError, ValueError):  # no Host at all, or an address that cannot be read
        return True


def is_allowed(host: str | None, names: Collection[str]) -> bool:
    """
    Tell whether a ``Host`` header is one of *names*; without any, whatever it is.

    ``*.example.com`` stands for every name below example.com. Ports do not count.

    A page on the web can have its own name lead to this machine once it is loaded (DNS
    rebinding). For the browser that is the page's own site, so that ``Origin`` and
    ``Sec-Fetch-Site`` say nothing; the ``Host`` header still has the page's name.
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
