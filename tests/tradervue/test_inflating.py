"""Compressed answers: nobody asked for them, and none grows beyond its limit."""

import gzip
import resource
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import pytest

from argo_tradervue_plugin.config.credentials import Credentials
from argo_tradervue_plugin.errors import BadAnswer, Rejected, ServerError
from argo_tradervue_plugin.tradervue.client import TradervueClient
from argo_tradervue_plugin.tradervue.connection import LARGEST_ANSWER
from argo_tradervue_plugin.tradervue.transport import PIECE, inflated

Make = Callable[..., TradervueClient]
TRADES = b'{"trades":[]}'


@attrs.frozen
class Body(httpx.SyncByteStream):
    """A body as it comes from a socket, in pieces of *size* bytes."""

    content: bytes
    size: int = PIECE

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), self.size):
            yield self.content[start : start + self.size]


def twice(content: bytes) -> bytes:
    """Return *content* as one who is hostile compresses it."""
    return gzip.compress(gzip.compress(content))


def answering(encoding: str, content: bytes, status: int = 200) -> httpx.BaseTransport:
    """Return a transport that answers with *content* in that encoding."""
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    return httpx.MockTransport(
        lambda _: httpx.Response(status, headers=headers, stream=Body(content))
    )


def test_no_compression_is_asked_for(serve: Any, credentials: Credentials) -> None:
    """What is not compressed cannot grow."""

    def talk(connection: socket.socket, server: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + TRADES)

    server = serve(talk)
    with TradervueClient(credentials, base_url=server.url) as client:
        client.check()

    heads = [head.decode().lower() for head in server.requests]
    assert ["accept-encoding: identity" in head for head in heads] == [True]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", gzip.compress(TRADES)),
        ("X-GZIP", gzip.compress(TRADES)),
        ("deflate", zlib.compress(TRADES)),
        ("identity", TRADES),
        ("identity, gzip", gzip.compress(TRADES)),
        ("", TRADES),
    ],
    ids=["gzip", "x-gzip", "deflate", "identity", "both", "none"],
)
def test_an_answer_that_was_compressed_once_is_read(
    make_client: Make, encoding: str, content: bytes
) -> None:
    """A proxy on the way may do as it likes."""
    make_client(transport=answering(encoding, content)).check()


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip, gzip", twice(TRADES)),
        ("gzip,deflate", zlib.compress(gzip.compress(TRADES))),
        ("br", b"\x0b\x02\x80"),
        ("zstd", b"("),
        ("surprise " * 5000, TRADES),
        ("gzip", b"plain"),
        ("gzip", gzip.compress(TRADES)[:-4]),
    ],
    ids=["twice", "mixed", "br", "zstd", "long", "wrong", "cut"],
)
def test_what_cannot_be_inflated_is_refused(
    make_client: Make, encoding: str, content: bytes
) -> None:
    """In words, and short ones."""
    with pytest.raises(BadAnswer, match="cannot be read: DecodingError") as raised:
        make_client(transport=answering(encoding, content), retries=1).check()

    assert len(str(raised.value)) < 300


@pytest.mark.parametrize("status", [422, 500])
@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip"])
def test_a_failure_is_the_failure_however_it_was_compressed(
    make_client: Make, encoding: str, status: int
) -> None:
    """Its status says it all; its words are left out."""
    bomb = twice(b" " * LARGEST_ANSWER * 4)
    client = make_client(transport=answering(encoding, bomb, status), retries=1)

    with pytest.raises((Rejected, ServerError), match=f"HTTP {status}"):
        client.check()


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("encodings", ["gzip, gzip", "gzip"])
def test_three_kilobytes_stay_small(
    serve: Any, credentials: Credentials, status: int, encodings: str
) -> None:
    """Neither memory nor time, over a real socket."""
    zeros = zlib.compressobj(9, zlib.DEFLATED, 31)
    once = b"".join(zeros.compress(bytes(1 << 20)) for _ in range(1024)) + zeros.flush()
    bomb = gzip.compress(once) if "," in encodings else once

    def talk(connection: socket.socket, server: Any) -> None:
        head = f"HTTP/1.1 {status} Fine\r\nContent-Type: application/json\r\n"
        head += f"Content-Encoding: {encodings}\r\nContent-Length: {len(bomb)}\r\n\r\n"
        connection.sendall(head.encode() + bomb)

    server = serve(talk)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    with (
        TradervueClient(credentials, base_url=server.url, retries=1) as client,
        pytest.raises((BadAnswer, ServerError)),
    ):
        client.check()

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert time.process_time() - begun < 3


def test_a_piece_is_never_larger_than_it_may_be() -> None:
    """A decompressor that is asked for everything gives everything."""
    bomb = gzip.compress(bytes(10_000_000))

    sizes = [len(piece) for piece in inflated(iter([bomb]), "gzip")]

    assert sum(sizes) == 10_000_000
    assert max(sizes) == PIECE


@pytest.mark.parametrize("size", [1, 7, PIECE])
def test_it_does_not_matter_where_a_body_is_cut(size: int) -> None:
    """It comes in pieces as the network has them; what follows the end is left."""
    content = gzip.compress(TRADES * 1000) + b"more"

    assert b"".join(inflated(Body(content, size), "gzip")) == TRADES * 1000


def test_an_empty_body_is_empty_in_any_encoding() -> None:
    """As in an answer to PUT."""
    assert list(inflated(iter([b""]), "gzip")) == []
