"""The bodies of the answers as JSON schemas, for the host's OpenAPI document."""

from collections.abc import Mapping
from typing import Final

from argo_tradervue_plugin.web.interface import Documented

__all__ = [
    "CARDS",
    "METRICS",
    "PROFILE_URL",
    "RECONCILIATION",
    "STATUS",
    "SYNC",
    "TROUBLES",
    "WIDGET_URL",
]

Schema = Mapping[str, object]


def a(kind: str, description: str = "", **more: object) -> Schema:
    """Return the schema of a value of the JSON type *kind*."""
    return {"type": kind, **more} | (
        {"description": description} if description else {}
    )


def count(description: str = "") -> Schema:
    """Return the schema of a number of things."""
    return a("integer", description, minimum=0)


def text(description: str = "", form: str = "") -> Schema:
    """Return the schema of a text, which may be of a *form* like ``date``."""
    return a("string", description, **({"format": form} if form else {}))


def many(items: Schema, description: str = "") -> Schema:
    """Return the schema of a list of *items*."""
    return a("array", description, items=items)


def maybe(schema: Schema, description: str = "") -> Schema:
    """Return *schema*, or null."""
    either = {"anyOf": [schema, {"type": "null"}]}
    return either | ({"description": description} if description else {})


def always(value: object) -> Schema:
    """Return the schema of a member that is always *value*."""
    return {"const": value}


def record(
    description: str = "",
    /,
    *,
    optional: Mapping[str, Schema] | None = None,
    **members: Schema,
) -> Schema:
    """Return the schema of an object that has all *members*, and maybe *optional*."""
    properties = {**members, **(optional or {})}
    return a("object", description, properties=properties, required=list(members))


def trouble(description: str) -> Documented:
    """Return what is documented for a status whose body says in words what is wrong."""
    return Documented(description, record(detail=text()))


SUCCESS: Final = always("success")
URI: Final = text(form="uri")
OBJECT: Final = a("object")
PAIRS: Final = many(a("array"))
IDS: Final = many(a("integer"))
TIME: Final = maybe(a("number"))

# Source: Argo's front end, which draws a card for each of these that is there.
CARDS: Final[Mapping[str, Schema]] = {
    "win_rate": a(
        "number", "Winning trades, in percent of all trades", minimum=0, maximum=100
    ),
    "total_profit": a("number", "Net profit, in dollars"),
    "total_trades": count("Closed trades"),
    "profit_factor": a("number", "What was won for each dollar lost", minimum=0),
    "sharpe_ratio": a("number", "Of the daily profit and loss, annualized"),
    "max_drawdown": a("number", "Deepest fall from a peak, in percent of it"),
}

METRICS: Final = Documented(
    "The figures of the period",
    record(
        status=SUCCESS,
        period=record(
            "New York days, both included",
            start_date=text(form="date"),
            end_date=text(form="date"),
            days=count("From the first day to the last"),
        ),
        as_of=text(
            "What was in the journal by then is in the figures (UTC)", "date-time"
        ),
        is_current=a(
            "boolean",
            "The period is the one asked for, and the figures have all that was synced "
            "and are no older than metrics_max_age_seconds",
        ),
        metrics=record(
            "Every figure that can be computed. Of the six that are listed here, an "
            "undefined one is left out; any other undefined figure is null.",
            optional=CARDS,
        ),
        optional={
            "trouble": text(
                "Why there are no newer figures, if the journal could not be read; "
                "absent otherwise"
            )
        },
    ),
)

WIDGET_URL: Final = Documented(
    "The address of the widget",
    record(
        status=SUCCESS,
        widget_url=URI,
        widget_type=text(),
        width=count(),
        height=count(),
    ),
)

PROFILE_URL: Final = Documented(
    "The address of the profile", record(status=SUCCESS, profile_url=URI)
)

SYNC: Final = Documented(
    "What the sync came to",
    record(
        status={
            "enum": ["success", "pending"],
            "description": "Whether nothing is under way any more, or it goes on",
        },
        message=text("The same in words"),
        stats=record(
            "Counted in trades",
            synced=count("Came into the journal"),
            failed=count(
                "Were refused, wait for a person, or are in the journal otherwise than "
                "the host has them"
            ),
            skipped=count("Have no place in the journal, or were there before"),
            optional={
                "unchanged": count(
                    "Of those the ones that were there before; absent if 0"
                ),
                "pending": count("Still under way when the time was up; absent if 0"),
            },
        ),
        period_days=count(),
    ),
)

MONEY: Final = record(gross_pl=text(), commission=text(), fees=text())
SIDE: Final = record(trades=count(), gross_pl=text(), commission=text(), fees=text())

RECONCILIATION: Final = Documented(
    "Host and journal side by side",
    record(
        status=SUCCESS,
        period_days=count(),
        reconciliation=record(
            "Money is in dollars, as texts",
            clean=a("boolean", "Nothing differs"),
            matched=count(),
            missing=many(OBJECT),
            different=many(OBJECT),
            shared=a("object", "Journal trade to host trades"),
            duplicated=PAIRS,
            unknown_tagged=IDS,
            unknown_untagged=IDS,
            unusable=PAIRS,
            host=SIDE,
            journal=SIDE,
            difference=text(),
            explained=a("object", "The difference by cause"),
            lines=many(
                OBJECT,
                "All that is not the same, each with symbol, day, journal trade, its "
                "address, both sides and money",
            ),
            money=record(
                "The journal's less the host's",
                difference=MONEY,
                explained=a("object", "The same by cause"),
            ),
            unknown_costs=count("Trades whose costs the host does not know"),
            optional={
                "outcomes": many(
                    OBJECT,
                    "What a person should know of a trade, and what helps; absent if "
                    "there are none",
                ),
                "accepted": many(
                    OBJECT,
                    "What a person has accepted as it is; absent if there is nothing",
                ),
                "beyond": many(
                    a("integer"),
                    "Journal trades of finished trades of which no more is kept; "
                    "absent if there are none",
                ),
                "basics": many(
                    OBJECT,
                    "Journal trades without executions that are not ours; absent if "
                    "there are none",
                ),
            },
        ),
    ),
)

HEALTH: Final = record(
    "How the forwarding goes, the same from every process. Unix times and seconds; "
    "null is never, nothing, or cannot be said now.",
    optional={
        "outcomes": a(
            "object",
            "How many trades are in the journal otherwise than the host recorded "
            "them, by what it is",
            additionalProperties=count(),
        ),
        "forwarder": maybe(
            record(
                "The process that forwards; null: no process does",
                host=text(),
                pid=maybe(count()),
                since=TIME,
                seen_at=TIME,
            )
        ),
        "account": record(
            "Whose journal it is",
            base_url=text(),
            login=maybe(text()),
            user_id=maybe(count()),
        ),
        "journal_url": text(),
        "credentials": record(
            "Where the login was found, and when it was refused",
            source=maybe(text()),
            username=maybe(text()),
            refused_at=TIME,
        ),
        "last_error": maybe(text()),
        "last_error_is_history": a("boolean", "Something went well since"),
        "advice": maybe(text(), "What to do about the last error"),
        "last_event_at": maybe(a("number"), "When a trade was recorded last"),
        "waits_for": many(text(), "What is waited for, in words"),
        "remarks": many(text(), "What a person should know, in words"),
        "processes": many(OBJECT, "What each process says of itself"),
        "outbox_problem": maybe(text(), "Why this is the answer of this process alone"),
    },
)

ENABLED: Final = record(
    status=always("enabled"),
    enabled=always(True),
    username=maybe(text()),
    profile_url=maybe(URI),
    health=HEALTH,
)
DISABLED: Final = record(
    status=always("disabled"),
    enabled=always(False),
    username=maybe(text()),
    profile_url=a("null"),
    reason=text("Why, in words"),
    optional={"health": HEALTH},
)
STATUS: Final = Documented(
    "Whether it is enabled, and how it goes", {"anyOf": [ENABLED, DISABLED]}
)

# Source: FastAPI, which answers so wherever it checks the query itself.
PROBLEM: Final = record(
    type=text(),
    loc=many({"anyOf": [text(), count()]}),
    msg=text(),
    optional={"input": {}, "ctx": a("object")},
)
TROUBLES: Final[Mapping[int, Documented]] = {
    403: trouble("Sent by a page of another site, or to another name than its own"),
    422: Documented(
        "A query parameter is out of its bounds or not of its type",
        record(detail=many(PROBLEM)),
    ),
    500: trouble("A failure of the plugin; the host's log has more"),
    502: trouble("Tradervue did not do what was asked; says what it answered"),
    503: trouble(
        "The integration is not enabled, has no credentials, or those of another "
        "account than its outbox"
    ),
    504: trouble("Tradervue did not answer in time"),
}
