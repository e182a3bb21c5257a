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

TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}

# Source: Argo's front end, which draws a card for each of these that is there.
CARDS: Final[Mapping[str, Schema]] = {
    "win_rate": {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "description": "Winning trades, in percent of all trades",
    },
    "total_profit": {"type": "number", "description": "Net profit, in dollars"},
    "total_trades": {**COUNT, "description": "Closed trades"},
    "profit_factor": {
        "type": "number",
        "minimum": 0,
        "description": "What was won for each dollar lost",
    },
    "sharpe_ratio": {
        "type": "number",
        "description": "Of the daily profit and loss, annualized",
    },
    "max_drawdown": {
        "type": "number",
        "description": "Deepest fall from a peak, in percent of it",
    },
}


def record(
    described: str | None = None,
    /,
    *,
    optional: Mapping[str, Schema] | None = None,
    **members: Schema,
) -> dict[str, object]:
    """Return the schema of an object that has all *members*, and maybe *optional*."""
    schema: dict[str, object] = {
        "type": "object",
        "properties": {**members, **(optional or {})},
        "required": list(members),
    }
    if described:
        schema["description"] = described
    return schema


def always(value: object) -> Schema:
    """Return the schema of a member that is always *value*."""
    return {"const": value}


def maybe(schema: Schema) -> Schema:
    """Return *schema*, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def trouble(description: str) -> Documented:
    """Return what is documented for a status whose body says in words what is wrong."""
    return Documented(description, record(detail=TEXT))


METRICS: Final = Documented(
    "The figures of the period",
    record(
        status=always("success"),
        period=record(
            "New York days, both included",
            start_date={"type": "string", "format": "date"},
            end_date={"type": "string", "format": "date"},
            days={**COUNT, "description": "From the first day to the last"},
        ),
        as_of={
            "type": "string",
            "format": "date-time",
            "description": "What was in the journal by then is in the figures (UTC)",
        },
        is_current={
            "type": "boolean",
            "description": "The period is the one asked for, and the figures have all "
            "that was synced and are no older than metrics_max_age_seconds",
        },
        metrics=record(
            "Every figure that can be computed. Of the six that are listed here, an "
            "undefined one is left out; any other undefined figure is null.",
            optional=CARDS,
        ),
        optional={
            "trouble": {
                **TEXT,
                "description": "Why there are no newer figures, if the journal could "
                "not be read; absent otherwise",
            }
        },
    ),
)

WIDGET_URL: Final = Documented(
    "The address of the widget",
    record(
        status=always("success"),
        widget_url={"type": "string", "format": "uri"},
        widget_type=TEXT,
        width=COUNT,
        height=COUNT,
    ),
)

PROFILE_URL: Final = Documented(
    "The address of the profile",
    record(status=always("success"), profile_url={"type": "string", "format": "uri"}),
)

SYNC: Final = Documented(
    "What the sync came to",
    record(
        status={
            "enum": ["success", "pending"],
            "description": "Whether nothing is under way any more, or it goes on",
        },
        message={**TEXT, "description": "The same in words"},
        stats=record(
            "Counted in trades",
            synced={**COUNT, "description": "Came into the journal"},
            failed={
                **COUNT,
                "description": "Were refused, wait for a person, or are in the journal "
                "otherwise than the host has them",
            },
            skipped={
                **COUNT,
                "description": "Have no place in the journal, or were there before",
            },
            optional={
                "unchanged": {
                    **COUNT,
                    "description": "Of those the ones that were there before; "
                    "absent if 0",
                },
                "pending": {
                    **COUNT,
                    "description": "Still under way when the time was up; absent if 0",
                },
            },
        ),
        period_days=COUNT,
    ),
)

SIDE: Final = record(trades=COUNT, gross_pl=TEXT, commission=TEXT, fees=TEXT)
MONEY: Final = record(gross_pl=TEXT, commission=TEXT, fees=TEXT)
PAIRS: Final[Schema] = {"type": "array", "items": {"type": "array"}}
OBJECTS: Final[Schema] = {"type": "array", "items": {"type": "object"}}
IDS: Final[Schema] = {"type": "array", "items": {"type": "integer"}}

RECONCILIATION: Final = Documented(
    "Host and journal side by side",
    record(
        status=always("success"),
        period_days=COUNT,
        reconciliation=record(
            "Money is in dollars, as texts",
            clean={"type": "boolean", "description": "Nothing differs"},
            matched=COUNT,
            missing=OBJECTS,
            different=OBJECTS,
            shared={"type": "object", "description": "Journal trade to host trades"},
            duplicated=PAIRS,
            unknown_tagged=IDS,
            unknown_untagged=IDS,
            unusable=PAIRS,
            host=SIDE,
            journal=SIDE,
            difference=TEXT,
            explained={"type": "object", "description": "The difference by cause"},
            lines={
                **OBJECTS,
                "description": "All that is not the same, each with symbol, day, "
                "journal trade, its address, both sides and money",
            },
            money=record(
                "The journal's less the host's",
                difference=MONEY,
                explained={"type": "object", "description": "The same by cause"},
            ),
            unknown_costs={
                **COUNT,
                "description": "Trades whose costs the host does not know",
            },
            optional={
                "outcomes": {
                    **OBJECTS,
                    "description": "What a person should know of a trade, and what "
                    "helps; absent if there are none",
                },
                "accepted": {
                    **OBJECTS,
                    "description": "What a person has accepted as it is; absent if "
                    "there is nothing",
                },
                "beyond": {
                    **IDS,
                    "description": "Journal trades of finished trades of which no "
                    "more is kept; absent if there are none",
                },
                "basics": {
                    **OBJECTS,
                    "description": "Journal trades without executions that are not "
                    "ours; absent if there are none",
                },
            },
        ),
    ),
)

TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
TIME: Final[Schema] = maybe({"type": "number"})

HEALTH: Final = record(
    "How the forwarding goes, the same from every process. Unix times and seconds; "
    "null is never, nothing, or cannot be said now.",
    optional={
        "outcomes": {
            "type": "object",
            "additionalProperties": COUNT,
            "description": "How many trades stand in the journal otherwise than the "
            "host recorded them, by what it is",
        },
        "forwarder": maybe(
            record(
                "The process that forwards; null: no process does",
                host=TEXT,
                pid=maybe(COUNT),
                since=TIME,
                seen_at=TIME,
            )
        ),
        "account": record(
            "Whose journal it is",
            base_url=TEXT,
            login=maybe(TEXT),
            user_id=maybe(COUNT),
        ),
        "journal_url": TEXT,
        "credentials": record(
            "Where the login was found, and when it was refused",
            source=maybe(TEXT),
            username=maybe(TEXT),
            refused_at=TIME,
        ),
        "last_error": maybe(TEXT),
        "last_error_is_history": {
            "type": "boolean",
            "description": "Something went well since",
        },
        "advice": {**maybe(TEXT), "description": "What to do about the last error"},
        "last_event_at": {**TIME, "description": "When a trade was recorded last"},
        "waits_for": {**TEXTS, "description": "What is waited for, in words"},
        "remarks": {**TEXTS, "description": "What a person should know, in words"},
        "processes": {**OBJECTS, "description": "What each process says of itself"},
        "outbox_problem": {
            **maybe(TEXT),
            "description": "Why this is the answer of this process alone",
        },
    },
)

STATUS: Final = Documented(
    "Whether it is enabled, and how it goes",
    {
        "anyOf": [
            record(
                status=always("enabled"),
                enabled=always(True),
                username=maybe(TEXT),
                profile_url=maybe({"type": "string", "format": "uri"}),
                health=HEALTH,
            ),
            record(
                status=always("disabled"),
                enabled=always(False),
                username=maybe(TEXT),
                profile_url={"type": "null"},
                reason={**TEXT, "description": "Why, in words"},
                optional={"health": HEALTH},
            ),
        ]
    },
)

TROUBLES: Final[Mapping[int, Documented]] = {
    403: trouble("Sent by a page of another site, or to another name than its own"),
    # Source: FastAPI, which answers so wherever it checks the query itself.
    422: Documented(
        "A query parameter is out of its bounds or not of its type",
        record(
            detail={
                "type": "array",
                "items": record(
                    type=TEXT,
                    loc={"type": "array", "items": {"anyOf": [TEXT, COUNT]}},
                    msg=TEXT,
                    optional={"input": {}, "ctx": {"type": "object"}},
                ),
            }
        ),
    ),
    500: trouble("A failure of the plugin; the host's log has more"),
    502: trouble("Tradervue did not do what was asked; says what it answered"),
    503: trouble(
        "The integration is not enabled, has no credentials, or those of another "
        "account than its outbox"
    ),
    504: trouble("Tradervue did not answer in time"),
}
