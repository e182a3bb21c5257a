"""A request on its way to a handler, and the reply on its way back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from .accounts import Account
from .assumptions import Assumptions
from .faults import Fault
from .forms import nested
from .journal import Journal
from .jsontext import read, write

if TYPE_CHECKING:
    from .service import Service

JSON_TYPE: Final = "application/json; charset=utf-8"
_FORM_TYPE: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: status, body text (may be empty), headers."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, error: str, *, member: str = "error") -> None:
        super().__init__(error)
        self.reply = json_reply({member: error}, status)


def json_reply(value: object, status: int = 200) -> Reply:
    """Return *value* as a JSON response."""
    return Reply(status, write(value), {"content-type": JSON_TYPE})


def text_reply(text: str) -> Reply:
    """Return *text*, which is JSON already."""
    return Reply(200, text, {"content-type": JSON_TYPE})


def plain_refusal(
    status: int,
    error: str,
    assumptions: Assumptions,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return a refusal whose body is not documented, in the form assumed for it."""
    extra = dict(headers or {})
    if assumptions.refusal_bodies == "empty":
        return Reply(status, "", extra)
    if assumptions.refusal_bodies == "text":
        return Reply(
            status, f"{error}\n", extra | {"content-type": "text/plain; charset=utf-8"}
        )
    return Reply(status, write({"error": error}), extra | {"content-type": JSON_TYPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was let in."""

    sandbox: "Service"
    # The effective user: who logged in, or the member acted for.
    account: Account
    caller: Account
    id: int | None
    query: Mapping[str, str]
    body: bytes
    content_type: str
    # Scheme and host that the client used, for Location.
    origin: str
    now: datetime
    tick: float
    faults: Mapping[str, Fault]

    @property
    def assumptions(self) -> Assumptions:
        """The assumptions in force."""
        return self.sandbox.assumptions

    @property
    def seen(self) -> Journal:
        """The journal as reads show it."""
        return self.account.seen_at(self.tick)

    def payload(self) -> Mapping[str, object]:
        """
        Return the members of the body; none if there is no body that counts.

        Forms are read as well: an official sample posts its import as one. Source: API
        documentation, sample programs.

        Raises:
            Refused: if it is no JSON, or no object.
        """
        kind = self.content_type.partition(";")[0].strip().lower()
        if kind == _FORM_TYPE:
            text = self.body.decode("utf-8", "replace")
            return nested(parse_qsl(text, keep_blank_values=True))
        is_json = kind == "application/json" or kind.endswith("+json")
        if not self.body or not (is_json or self.assumptions.untyped_body == "parsed"):
            return {}
        try:
            value = read(self.body)
        except (ValueError, RecursionError) as error:
            raise self.invalid("the body is no JSON") from error
        if not isinstance(value, Mapping):
            raise self.invalid("the body must be an object")
        return value

    def invalid(self, *details: str) -> Refused:
        """Return the refusal of a request of the wrong shape."""
        status = self.assumptions.invalid_request_status
        return Refused(status, "Invalid request: " + ", ".join(details))

    def created(self, kind: str, made: int) -> Reply:
        """Return the answer to a POST that made an object: its id and its address."""
        where = f"{self.origin}/api/v1/{kind}/{made}"
        reply = json_reply({"id": made}, 201)
        return Reply(201, reply.body, {**reply.headers, "location": where})

    def deleted(self) -> Reply:
        """Return the answer to a DELETE that was done."""
        return Reply(self.assumptions.delete_status)


def missing() -> Refused:
    """Return the refusal of an id that the user does not have."""
    return Refused(404, "Not found")
