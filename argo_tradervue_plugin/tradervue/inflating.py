"""
Answers that were compressed against our wish, inflated in small pieces.

Three kilobytes that were compressed twice can hold gigabytes, and a decompressor that
is asked for a whole piece gives it, whatever it takes. So each step here is bounded,
and who reads may stop between any two.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import httpx

__all__ = ["Inflating", "encodings_in"]

PIECE: Final = 65_536  # bytes that one step may give
GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
FORMS: Final = frozenset({"gzip", "x-gzip", "deflate"})


def encodings_in(header: str) -> list[str]:
    """Return the encodings that a ``Content-Encoding`` names, in lower case."""
    named = (name.strip().lower() for name in header.split(","))
    return [name for name in named if name not in {"", "identity"}]


class Inflating(httpx.BaseTransport):
    """
    Answers of another transport, whose bodies are as they were before compression.

    Reading a body that cannot be inflated, or was compressed more than once, is an
    ``httpx.DecodingError``.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and return the answer."""
        answer = self._inner.handle_request(request)
        encodings = encodings_in(answer.headers.get("Content-Encoding", ""))
        stream = answer.stream
        if not encodings or not isinstance(stream, httpx.SyncByteStream):
            return answer
        headers = answer.headers.copy()
        del headers["Content-Encoding"]
        headers.pop("Content-Length", None)  # that of the compressed body
        return httpx.Response(
            status_code=answer.status_code,
            headers=headers,
            stream=Inflated(stream, encodings),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the other transport."""
        self._inner.close()


class Inflated(httpx.SyncByteStream):
    """A body whose *encodings* are taken off while it is read."""

    def __init__(self, inner: httpx.SyncByteStream, encodings: list[str]) -> None:
        self._inner = inner
        self._encodings = encodings

    def __iter__(self) -> Iterator[bytes]:
        if len(self._encodings) > 1 or self._encodings[0] not in FORMS:
            # Not its name, which may be as long as a server likes.
            raise httpx.DecodingError("compressed in a way that was not asked for")
        yield from inflated(self._inner)

    def close(self) -> None:
        """Close the compressed body."""
        self._inner.close()


def inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """
    Yield what *pieces* hold, gzip or zlib, in pieces of a bounded size.

    Raises:
        httpx.DecodingError: where they are neither, or end too early.
    """
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    has_begun = False
    for piece in pieces:
        rest = piece
        while rest and not inflater.eof:
            has_begun = True
            try:
                step = inflater.decompress(rest, PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(f"wrongly compressed: {error}") from error
            rest = inflater.unconsumed_tail
            yield step
        if inflater.eof:
            return
    if has_begun:
        raise httpx.DecodingError("the compressed body ends too early")
