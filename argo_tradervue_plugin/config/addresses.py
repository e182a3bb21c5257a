"""The addresses of Tradervue, and which are taken by the settings and the client."""

import re
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

__all__ = ["API_PATH", "TRADERVUE", "is_loopback", "refusal", "trades_page"]

API_PATH: Final = "/api/v1"
TRADERVUE: Final = f"https://app.tradervue.com{API_PATH}"

LONGEST: Final = 2000  # characters; what every server and proxy takes
ALLOWED: Final = "an https:// URL (http:// only for this machine itself)"
PLAIN: Final = (
    f"{ALLOWED} without query, fragment, blanks and control characters; of other "
    "letters than ASCII in the name of the host the `xn--` spelling"
)
LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
LONGEST_NAME: Final = 253  # characters of a host's name
LIKE_IPV4: Final = re.compile(r"[0-9.]+")


def trades_page(base_url: str) -> str:
    """Return where people see the trades: on the host of the API, under /trades."""
    return base_url.rstrip("/").removesuffix(API_PATH) + "/trades"


def is_loopback(url: str) -> bool:
    """Tell whether the host of *url* is this very machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, or no URL at all
        return False


def refusal(url: str) -> str | None:
    """Return what is allowed where *url* is not, None where requests can go there."""
    # Before anything is parsed: that drops line ends and tabs without a word.
    if not url.isprintable() or any(c.isspace() or c in "?#\\" for c in url):
        return PLAIN
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ALLOWED
    if "@" in parts.netloc:
        return "an https:// URL without user name and password"
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
    if not is_safe or port == 0 or len(url) > LONGEST:
        return ALLOWED
    if not is_host(parts):
        return PLAIN if parts.hostname else ALLOWED
    return None


def is_host(parts: SplitResult) -> bool:
    """Tell whether the host of *parts* can be looked for."""
    host = parts.hostname or ""
    try:
        if "[" in parts.netloc:
            return "%" not in host and bool(IPv6Address(host))
        if LIKE_IPV4.fullmatch(host):
            return bool(ip_address(host))
    except ValueError:
        return False
    name = host.removesuffix(".")
    is_short = 0 < len(name) <= LONGEST_NAME
    return is_short and all(LABEL.fullmatch(label) for label in name.split("."))
