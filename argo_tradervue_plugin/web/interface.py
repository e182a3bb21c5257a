"""
What a route is made of; any plugin of the host may return such routes.

A handler is a plain function. It takes the values of its query parameters by name,
checked and in their types, may wait (it never runs on the event loop), and returns an
:class:`Answer`.
"""

from collections.abc import Callable, Collection, Mapping

import attrs

__all__ = ["Answer", "ChoiceQuery", "Documented", "IntQuery", "Query", "Route"]


@attrs.frozen
class Answer:
    """The HTTP *status* and the *body*, which becomes a JSON object."""

    status: int
    body: Mapping[str, object]


@attrs.frozen(kw_only=True)
class IntQuery:
    """A whole number in the query, from *low* to *high*, both included."""

    name: str
    default: int
    low: int
    high: int
    description: str


@attrs.frozen(kw_only=True)
class ChoiceQuery:
    """One of a few words in the query."""

    name: str
    default: str
    choices: tuple[str, ...]
    description: str


Query = IntQuery | ChoiceQuery


@attrs.frozen
class Documented:
    """What a status means, and the JSON schema of the body that comes with it."""

    description: str
    schema: Mapping[str, object] = attrs.field(repr=False)


@attrs.frozen(kw_only=True, eq=False)
class Route:
    """
    One route; *path* is the whole path, *name* is unique within its *tag*.

    *changes_state* routes refuse what a foreign web page makes a browser send, and what
    was sent to another name than those of *hosts*, asked at each request; none: any.
    *needs_enabled* routes answer 503 while their plugin is not enabled. *may_wait* says
    that the handler may wait for another machine: few of these run at the same time.
    *responses* has every status that can come, the host's own refusals apart.
    """

    method: str
    path: str
    name: str
    tag: str
    handler: Callable[..., Answer] = attrs.field(repr=False)
    query: tuple[Query, ...] = ()
    summary: str
    description: str
    responses: Mapping[int, Documented] = attrs.field(repr=False)
    changes_state: bool = False
    hosts: Callable[[], Collection[str]] = attrs.field(default=tuple, repr=False)
    needs_enabled: bool = True
    may_wait: bool = False

    @property
    def operation_id(self) -> str:
        """Return what generated clients call this route; unique in the document."""
        return f"{self.tag}_{self.name}"
