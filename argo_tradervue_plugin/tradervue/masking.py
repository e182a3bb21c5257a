"""
Taking the password out of what a server says.

Nothing of ours puts it there, but a server or a proxy could echo what it was sent: as
the header had it, or decoded, and then written for HTML, JSON, a URL or a debugger.
"""

import base64
import re
from collections.abc import Callable, Iterator
from functools import cache
from html.entities import codepoint2name
from itertools import groupby
from typing import Final

from argo_tradervue_plugin.config.credentials import Credentials

__all__ = ["masker"]

MASK: Final = "***"
# Characters of a text that are shown at all; more than any answer that makes sense.
LARGEST: Final = 512 * 1024
DOUBLED: Final = 8  # times as many: quoted three times over
# How often one way of writing is done again; more is no web framework's.
AGAIN: Final = "{0,9}"
# Letters after a backslash, in JSON and in most programming languages.
ESCAPES: Final = {"\t": "t", "\n": "n", "\r": "r", "\b": "b", "\f": "f"}
LARGEST_UNIT: Final = 0xFFFF  # JSON writes what is beyond it in two halves


def masker(credentials: Credentials) -> Callable[[str], str]:
    """
    Return a function that puts stars in the place of the password in a text.

    Of a text without end it returns the beginning alone.
    """
    password = credentials.password
    if not password:
        return lambda text: text[:LARGEST]
    login = f"{credentials.username}:{password}"

    @cache  # it takes some milliseconds, and most clients have nothing to take out
    def pattern() -> re.Pattern[str]:
        tokens = [token for secret in (login, password) for token in encoded(secret)]
        forms = [any_form(token) + "=*" for token in tokens]
        return re.compile("|".join([*forms, any_form(password)]))

    def mask(text: str) -> str:
        if len(text) <= LARGEST:
            return pattern().sub(MASK, text)
        return beginning(pattern(), text[: 2 * LARGEST])

    return mask


def beginning(pattern: re.Pattern[str], text: str) -> str:
    """
    Return the first half of *text*, masked.

    What would be a secret but for the cut begins in the second half, which is left out.
    """
    pieces, end = [], 0
    for secret in pattern.finditer(text):
        if secret.start() >= LARGEST:
            break
        pieces += [text[end : secret.start()], MASK]
        end = secret.end()
    return "".join([*pieces, text[end:LARGEST]])


def encoded(secret: str) -> Iterator[str]:
    """Yield *secret* in base64, in both alphabets; the padding may be missing."""
    plain = base64.b64encode(secret.encode()).decode().rstrip("=")
    yield plain
    if "+" in plain or "/" in plain:
        yield plain.replace("+", "-").replace("/", "_")


def any_form(secret: str) -> str:
    """Return a pattern for *secret*, however its characters are written."""
    return "".join(
        backslashes(len(list(run)))
        if character == "\\"
        else any_form_of(character) * len(list(run))
        for character, run in groupby(secret)
    )


def backslashes(least: int) -> str:
    """
    Return a pattern for *least* backslashes or, where they were doubled, for more.

    There is an upper bound, and none is given back, so that no text makes the search
    slow: it holds up every thread of the host.
    """
    numbered = f"#0{AGAIN}92|#[xX]0{AGAIN}5[cC]"
    ways = rf"\\|%(?:25){AGAIN}5[cC]|&(?:amp;){AGAIN}(?:{numbered}|bsol);"
    return f"(?:{ways}){{{least},{DOUBLED * max(1, least)}}}+"


def any_form_of(character: str) -> str:
    """Return a pattern for *character*: itself, escaped, in percent or an entity."""
    if character.isascii() and character.isalnum():
        return character
    code = ord(character)
    in_bytes = character.encode(errors="surrogatepass")
    ways = [
        re.escape(character),
        "".join(f"%(?:25){AGAIN}{byte:02x}" for byte in in_bytes),
        backslashes(1).join(f"x{byte:02x}" for byte in in_bytes),
        f"x{code:02x}",
        f"U{code:08x}",
        f"&(?:amp;){AGAIN}(?:#0{AGAIN}{code}|#x0{AGAIN}{code:x});",
    ]
    if code <= LARGEST_UNIT:
        ways.append(f"u{code:04x}")
    else:
        halves = character.encode("utf-16-be").hex()
        ways.append(f"u{halves[:4]}{backslashes(1)}u{halves[4:]}")
    if character in ESCAPES:
        ways.append(ESCAPES[character])
    if character == " ":
        ways.append(r"\+")
    names = [codepoint2name.get(code), "apos" if character == "'" else None]
    ways += [f"&(?:amp;){AGAIN}{name};" for name in names if name]
    return f"{backslashes(0)}(?i:{'|'.join(ways)})"
