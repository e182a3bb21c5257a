"""
What a server may answer, in the worst case.

Near misses first: a true answer of the sandbox's in which one member is replaced by
something else, or left out. Then anything at all: any status, any headers, any bytes,
a connection that breaks anywhere.
"""

import json
import random
from collections.abc import Iterator
from typing import Any, Final

import attrs
import httpx
from hypothesis import strategies as st

__all__ = ["Reply", "Spoiler", "places", "spoilers"]

MARK: Final = '"\\u0001 something else \\u0001"'
JSON: Final = ("Content-Type", "application/json; charset=utf-8")
Path = tuple[str | int, ...]


class Pieces(httpx.SyncByteStream):
    """A body that comes in pieces, one of which may be an error."""

    def __init__(self, pieces: tuple[bytes | Exception, ...]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def raw(text: str | bytes) -> bytes:
    """Return *text* as it goes over the wire."""
    return text if isinstance(text, bytes) else text.encode("ascii")


@attrs.frozen
class Reply:
    """An answer as it comes over the wire, or the error that comes in its place."""

    status: int = 200
    headers: tuple[tuple[str | bytes, str | bytes], ...] = (JSON,)
    pieces: tuple[bytes | Exception, ...] = (b"",)
    error: Exception | None = None

    def response(self) -> httpx.Response:
        """Return what a transport does. Raises *error* where there is one."""
        if self.error is not None:
            raise self.error
        headers = [(raw(name), raw(value)) for name, value in self.headers]
        return httpx.Response(self.status, headers=headers, stream=Pieces(self.pieces))


def places(document: object, so_far: Path = ()) -> Iterator[Path]:
    """Yield the path of each value in *document*, itself included."""
    yield so_far
    inside: Any = ()
    if isinstance(document, dict):
        inside = document.items()
    elif isinstance(document, list):
        inside = enumerate(document[:1])
    for key, value in inside:
        yield from places(value, (*so_far, key))


def replaced(document: object, path: Path, text: str | None) -> bytes:
    """Return *document* as JSON, with *text* at *path*; None leaves the member out."""
    if not path:
        return (text or "").encode(errors="surrogatepass")
    copied: Any = json.loads(json.dumps(document))
    inside = copied
    for key in path[:-1]:
        inside = inside[key]
    if text is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = json.loads(MARK)
    whole = json.dumps(copied).replace(MARK, text or "")
    return whole.encode(errors="surrogatepass")


# Texts that json.dumps would not write.
RAW: Final = (
    "NaN",
    "-Infinity",
    "1e999999999",
    "-0.0",
    "1E400",
    "9" * 4_000,
    "9" * 5_000,
    "1" + "0" * 30,
    "18446744073709551616",
    "-1",
    "0.1",
    '"9007199254740993"',
    '"1e9"',
    '"0x10"',
    '"NaN"',
    '"\\ud800"',
    '"\\u0000"',
    '"\ud800"',
    '"\\u202e\\u001b[31m"',
    '"<script>"',
    '"2026-03-05T10:15:00-05:00"',
    '"0001-01-01T00:00:00+14:00"',
    '"9999-12-31T23:59:59-14:00"',
    '"9999-12-31"',
    '"short"',
    '"failed"',
    '"processing"',
    "[" * 2_000,
    "[" * 900 + "]" * 900,
    '{"a":' * 900 + "1" + "}" * 900,
    "{",
    "'x'",
    "tru",
    '"' + "x" * 30_000 + '"',
    "[{}]",
    "{}",
    "[]",
    '""',
    "null",
)
HEADERS: Final[tuple[tuple[str | bytes, str | bytes], ...]] = (
    ("Content-Type", "text/html"),
    ("Content-Type", "application/json;charset=nonsense"),
    (b"Content-Type", b"\xff\xfe"),
    ("Content-Type", ";;;"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "deflate, gzip"),
    ("Content-Encoding", "br"),
    ("Content-Length", "-5"),
    ("Retry-After", "soon"),
    ("Retry-After", "-1"),
    ("Retry-After", "9" * 400),
    ("Retry-After", "Thu, 32 Foo 2026 25:61:61 GMT"),
    ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
    (b"Retry-After", b"\xb2\xb3"),
    ("Location", "http://[::1"),
    ("Location", "//evil.example/x"),
    (b"Location", b"\xff"),
    ("Set-Cookie", "a=b; Domain=.; Expires=never"),
    ("Set-Cookie", "=;;;==="),
)
ERRORS: Final[tuple[Exception, ...]] = (
    httpx.ConnectError("no"),
    httpx.ConnectTimeout("no"),
    httpx.ReadError("no"),
    httpx.ReadTimeout("no"),
    httpx.WriteError("no"),
    httpx.WriteTimeout("no"),
    httpx.PoolTimeout("no"),
    httpx.CloseError("no"),
    httpx.LocalProtocolError("no"),
    httpx.RemoteProtocolError("no"),
    httpx.ProxyError("no"),
    httpx.UnsupportedProtocol("no"),
    httpx.DecodingError("no"),
    httpx.TooManyRedirects("no"),
    OSError(5, "no"),
    ConnectionResetError(104, "no"),
    TimeoutError("no"),
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
texts = st.one_of(json_values.map(json.dumps), st.sampled_from(RAW))


@attrs.frozen
class Spoiler:
    """What answers are spoilt with, and dice for how."""

    texts: tuple[str, ...]
    bodies: tuple[bytes, ...]
    statuses: tuple[int, ...]
    seed: int

    def near_misses(self, document: object) -> Iterator[Reply]:
        """Yield *document* with each member replaced by each text, or left out."""
        for path in places(document):
            for text in (*self.texts, None):
                yield Reply(pieces=(replaced(document, path, text),))

    def anything(self, document: object, number: int) -> Iterator[Reply]:
        """Yield *number* answers with whatever status, headers and body."""
        dice = random.Random(self.seed)
        for _ in range(number):
            yield self.one(dice, document)

    def one(self, dice: random.Random, document: object) -> Reply:
        """Return one answer in the place of *document*."""
        kind = dice.random()
        if kind < 0.1:
            return Reply(error=dice.choice(ERRORS))
        path = dice.choice(list(places(document)))
        body = replaced(document, path, dice.choice((*self.texts, None)))
        if kind < 0.4:
            return Reply(pieces=(body,))
        if kind < 0.6:
            body = dice.choice((*self.bodies, body, b""))
        pieces: tuple[bytes | Exception, ...] = (body,)
        if kind > 0.9:
            cut = dice.randint(0, len(body))
            pieces = (body[:cut], dice.choice(ERRORS))
        headers = tuple(dice.sample(HEADERS, dice.randint(0, 3)))
        status = dice.choice((*self.statuses, 200, 200, 404, 422, 424, 429, 503))
        is_json = () if dice.random() < 0.2 else (JSON,)
        return Reply(status, (*is_json, *headers), pieces)


def spoilers(size: int) -> st.SearchStrategy[Spoiler]:
    """Return the strategy of spoilers with *size* texts."""
    return st.builds(
        Spoiler,
        st.lists(texts, min_size=size, max_size=size).map(tuple),
        st.lists(st.binary(max_size=40), min_size=3, max_size=3).map(tuple),
        st.lists(st.integers(100, 999), min_size=3, max_size=3).map(tuple),
        st.integers(0, 2**32),
    )
