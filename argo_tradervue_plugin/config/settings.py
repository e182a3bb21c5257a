"""
The plugin's settings: section ``plugins.tradervue`` of the host's config.

Every field's metadata says what it means; the README's table is written from it.
Source of the defaults: the API documentation where it says something, and otherwise
what its users found to work.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs
from cattrs import Converter

from argo_tradervue_plugin.config import addresses, databases
from argo_tradervue_plugin.config.addresses import is_loopback
from argo_tradervue_plugin.config.credentials import fault_of, without_line_end
from argo_tradervue_plugin.errors import ConfigError, one_line

__all__ = ["SECTION", "Settings", "is_loopback"]

SECTION: Final = "plugins.tradervue"
LARGEST_IMPORT: Final = 500  # executions; what clients in the field were seen to send
LONGEST_TAG: Final = 30  # characters; no limit is documented
DEFAULT_SCHEMA: Final = "argo_tradervue"  # of PostgreSQL
LONGEST_NAME: Final = 63  # bytes of a name in PostgreSQL

# A database's value may be a connection with its password.
MAY_BE_SECRET: Final = frozenset({"password", "database"})

TYPES: Final[dict[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}


Check = Callable[[Any], str | None]


def _between(low: float, high: float) -> Check:
    def check(value: float) -> str | None:
        return None if low <= value <= high else f"from {low:g} to {high:g}"

    return check


def _one_of(*choices: str) -> Check:
    def check(value: str) -> str | None:
        return None if value in choices else " or ".join(map(repr, choices))

    return check


def _not_blank(value: str) -> str | None:
    return None if value.strip() and value.isprintable() else "a text that is not empty"


def _login(value: str) -> str | None:
    # A line end around it is no part of it; see credentials.
    return _not_blank(without_line_end(value))


def _password(value: str) -> str | None:
    text = without_line_end(value)
    fine = text and fault_of(text) is None
    return None if fine else "a text that is not empty, without control characters"


def _named_database(value: str | None) -> str | None:
    """Return *value* as what shows no password."""
    return databases.Database(value) if isinstance(value, str) else value


def _database(value: str) -> str | None:
    if not value.strip():
        return _not_blank(value)
    # What stands already goes on; the start and the status say how to move it.
    return None if databases.is_misnamed(value) else databases.refusal(value)


def _tag(value: str) -> str | None:
    fine = (
        0 < len(value) <= LONGEST_TAG
        and value == value.lower()
        and all(c.isalnum() or c == "-" for c in value)
    )
    return None if fine else "lower-case letters, digits and hyphens, at most 30"


def _host_names(values: tuple[str, ...]) -> str | None:
    name = r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|\[?[0-9A-Fa-f:.]+\]?"
    fine = all(re.fullmatch(name, value) for value in values)
    return None if fine else "names of hosts, without scheme, port and path"


def _schema(value: str) -> str | None:
    fine = re.fullmatch(r"[a-z_][a-z0-9_]*", value) and not value.startswith("pg_")
    if fine and len(value) <= LONGEST_NAME:
        return None
    return "lower-case letters, digits and underscores, not beginning with `pg_`"


def _pattern(names: tuple[str, str]) -> str | None:
    fine = all(name.strip() and name.isprintable() for name in names)
    stars = [name.count("*") for name in names]
    if fine and stars[0] <= 1 and stars[1] <= stars[0]:
        return None
    return "symbols with at most one `*`, on the right only with one on the left"


def _optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _each(check: Check, parts: Callable[[Any], Iterable[Any]] = iter) -> Check:
    return lambda value: next(filter(None, map(check, parts(value))), None)


def setting(
    default: object, meaning: str, check: Check | None = None, **more: Any
) -> Any:
    """Declare one setting: its *default*, its *meaning* and what is allowed."""
    metadata = {"meaning": meaning, "check": check}
    return attrs.field(default=default, metadata=metadata, **more)


@attrs.frozen(kw_only=True)
class Settings:
    """
    What the operator can set; the values given are checked by :meth:`from_mapping`.

    All times are in the unit that the name ends in.
    """

    enabled: bool = setting(False, "whether the plugin does anything at all")
    username: str | None = setting(
        None,
        "Tradervue login; otherwise see *Credentials*",
        _optional(_login),
    )
    password: str | None = setting(
        None,
        "its password; better kept out of this file",
        _optional(_password),
        repr=lambda value: "None" if value is None else "'***'",
    )
    aws_secrets: bool = setting(
        True, "whether AWS Secrets Manager is asked for what is not set here"
    )
    base_url: str = setting(
        addresses.TRADERVUE,
        "address of the API; an organization has its own host",
        addresses.refusal,
    )
    site_url: str = setting(
        "https://www.tradervue.com",
        "where `/widgets/...` and `/profile/...` are; Tradervue documents neither",
        addresses.refusal,
    )
    user_id: int | None = setting(
        None,
        "member to act for (`Tradervue-UserId`), for organization managers",
        _optional(_between(1, 2**63)),
    )
    contact: str = setting(
        "https://github.com/argo-capital/argo-tradervue-plugin",
        "link or e-mail address that Tradervue can use to reach you (`User-Agent`)",
        _not_blank,
    )
    database: str | None = setting(
        None,
        "the outbox: a path (its spool is the folder beside it, `…-spool`), by default "
        "one for each account under the user's state directory, or for several "
        "machines a `postgresql://` URL",
        _optional(_database),
        converter=_named_database,
    )
    database_schema: str = setting(
        DEFAULT_SCHEMA,
        "schema of a PostgreSQL database; each account needs one of its own",
        _schema,
    )
    outbox_name: str | None = setting(
        None,
        "names outbox and spool under the user's state directory, in place of the "
        "login: for one account wherever its login comes from; without `database`",
        _optional(_not_blank),
    )
    allow_network_files: bool = setting(
        False,
        "whether spool and outbox may be in a network file system (NFS, SMB, Ceph, "
        "…), where a hook waits for the network",
    )
    durability: str = setting(
        "normal",
        "`normal` survives a crash of the process; `full` also a power cut, slower",
        _one_of("normal", "full"),
    )
    timeout_seconds: float = setting(
        30.0, "longest wait for one answer of Tradervue", _between(1, 120)
    )
    request_interval_seconds: float | None = setting(
        None,
        "pause between two requests; by default 0.5, and none on this machine",
        _optional(_between(0, 60)),
    )
    poll_seconds: float | None = setting(
        None,
        "first look at a running import; by default 2, and 0.02 on this machine",
        _optional(_between(0.001, 60)),
    )
    import_size: int = setting(
        LARGEST_IMPORT,
        "most executions in one import",
        _between(1, LARGEST_IMPORT),
    )
    account_tag: str = setting(
        "argo", "tag of everything the plugin sends; overlaps get `argo-2` ...", _tag
    )
    account_tags: bool = setting(
        True,
        "whether overlapping positions get account tags of their own (paid plans)",
    )
    slot_cooldown_hours: float = setting(
        24.0,
        "how long after a close an account tag is kept from the same symbol",
        _between(0, 24 * 366),
    )
    lag_hours: float = setting(
        24.0,
        "how long after an outbox was put back everything is looked for in the "
        "journal before it is sent",
        _between(0, 24 * 366),
    )
    simulated: str = setting(
        "skip",
        "what becomes of simulated orders (order ids that begin with `SIM_`): `skip` "
        "or `send`",
        _one_of("skip", "send"),
    )
    opposite_closes: bool = setting(
        False,
        "whether a trade of the opposite side closes what is open in its symbol, as "
        "with a stock Argo whose SELL is recorded as a new short; needs account tags",
    )
    stops_move: bool = setting(
        False,
        "whether the host moves its stops: then a trade that was first seen closed "
        "gets no initial risk",
    )
    symbols: Mapping[str, str] = setting(
        attrs.Factory(dict),
        "names of symbols in the journal, exact or with one `*`: "
        '`{"BTC-USD": "BTCUSD", "*-USD": "*USD"}`',
        _each(_pattern, dict.items),
        hash=False,
    )
    tags: tuple[str, ...] = setting((), "further tags for every trade", _each(_tag))
    share_trades: bool = setting(False, "whether trades are made public in Tradervue")
    catch_up_days: int = setting(
        30,
        "how far back a start looks for trades of Argo that the outbox lacks; 0: not",
        _between(0, 365),
    )
    sync_timeout_seconds: float = setting(
        30.0,
        "longest wait of a manual sync for the journal; the rest goes on behind it",
        _between(0, 600),
    )
    metrics_max_age_seconds: float = setting(
        300.0,
        "how soon an edit made in Tradervue shows in the metrics",
        _between(0, 86_400),
    )
    equity: float | None = setting(
        None,
        "account size in dollars; without it there is no drawdown in percent",
        _optional(_between(0.01, 1e15)),
    )
    scratch_dollars: float = setting(
        0.0,
        "a trade that made or lost no more than this is neither win nor loss",
        _between(0, 1e9),
    )
    retention_days: float = setting(
        400.0,
        "how long the outbox keeps all of a finished trade, and not only that it is "
        "in the journal; 0: for ever",
        _between(0, 36_500),
    )
    flush_seconds: float = setting(
        5.0, "longest wait for the journal when the host shuts down", _between(0, 60)
    )

    allowed_hosts: tuple[str, ...] = setting(
        (),
        "names by which browsers reach the host, `*.` in front for all below; a call "
        "that changes something is refused to any other. Without any: the host's own "
        "business",
        _host_names,
    )
    log_requests: bool = setting(
        False,
        "whether each request has its line (`tradervue.request`) in the log at INFO, "
        "not only at DEBUG",
    )

    @classmethod
    def from_mapping(cls, section: object) -> "Settings":
        """
        Check and take the *section* of the host's config.

        Raises:
            ConfigError: with one sentence for every wrong key, all at once.
        """
        if not isinstance(section, Mapping):
            raise ConfigError([f"{SECTION} must be an object, not {kind(section)}"])
        known = attrs.fields_dict(cls)
        problems = [
            f"{SECTION}.{one_line(str(key), 60)} is not a setting{meant(key, known)}"
            for key in section
            if key not in known
        ]
        values: dict[str, Any] = {}
        for name, field in known.items():
            if name not in section:
                continue
            try:
                values[name] = take(section[name], field)
            except ValueError as error:
                shown = _shown(name, section[name])
                problems.append(f"{SECTION}.{name} is {shown}, but must be {error}")
        if values.get("opposite_closes") and values.get("account_tags") is False:
            problems.append(
                f"{SECTION}.opposite_closes is true, but must be false while "
                f"{SECTION}.account_tags is false: without account tags Tradervue "
                "itself closes what is open"
            )
        if values.get("outbox_name") and values.get("database"):
            problems.append(
                f"{SECTION}.outbox_name and {SECTION}.database are both set, but only "
                "one of them can say where the outbox is"
            )
        if problems:
            raise ConfigError(problems)
        return cls(**values)

    @property
    def is_local(self) -> bool:
        """Tell whether the API is on this machine, where nothing needs pacing."""
        return is_loopback(self.base_url)

    @property
    def site(self) -> str:
        """Return the site's address without a slash at its end."""
        return self.site_url.rstrip("/")

    @property
    def first_poll(self) -> float:
        """Seconds until the first look at a running import."""
        if self.poll_seconds is not None:
            return self.poll_seconds
        return 0.02 if self.is_local else 2.0


def meant(key: object, known: Iterable[str]) -> str:
    """Return what a *key* that is no setting may have meant, as the end of a line."""
    from difflib import get_close_matches  # a start needs it only here

    text = one_line(str(key), 60).lower().replace("-", "_").replace(" ", "_")
    close = get_close_matches(text, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return "; the README has all of them under *Configuration*"


def kind(value: object) -> str:
    """Name the type of *value* as a JSON author knows it."""
    if value is None:
        return "null"
    if isinstance(value, (list, tuple)):
        return "a list"
    return TYPES.get(type(value), "an object")


def _shown(name: str, value: object) -> str:
    """Return *value* as an error quotes it; a URL can hold a login as well."""
    text = repr(value)
    is_secret = name in MAY_BE_SECRET or any(sign in text for sign in "@?#")
    if not isinstance(value, (bool, int, float, str)):
        text = kind(value)  # who knows what is in it
    return "***" if is_secret else one_line(text)


def take(value: object, field: "attrs.Attribute[object]") -> object:
    """
    Return *value* in the type of *field*, checked.

    Raises:
        ValueError: with what is allowed.
    """
    try:
        taken = converter.structure(value, field.type)  # type: ignore[arg-type]
        check: Check | None = field.metadata["check"]
        problem = check(taken) if check else None
    except ValueError as error:
        problem = str(error)
    if problem:
        optional = type(None) in getattr(field.type, "__args__", ())
        raise ValueError(f"{problem}, or null" if optional else problem)
    return taken


def exactly(value: object, wanted: type) -> object:
    """Return *value* if it is of the type *wanted*, and not just like it."""
    if type(value) is not wanted:
        raise ValueError(TYPES[wanted])
    return value


def number(value: object, _: object) -> float:
    """Return *value* as a number; a whole one will do."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(TYPES[float])  # noqa: TRY004 - collected as one
    try:
        return float(value)
    except OverflowError:  # more digits than a float has room for
        return math.inf


def texts(value: object, _: object) -> tuple[str, ...]:
    """Return a list of texts; a single text is none."""
    if isinstance(value, (list, tuple)) and all(type(v) is str for v in value):
        return tuple(value)
    raise ValueError("a list of texts")


def names(value: object, _: object) -> dict[str, str]:
    """Return an object that leads from texts to texts."""
    if isinstance(value, Mapping) and all(
        type(text) is str for pair in value.items() for text in pair
    ):
        return dict(value)
    raise ValueError("an object of texts")


def _converter() -> Converter:
    """
    Return the converter of settings, which guesses nothing.

    ``"5"`` is no number, 1 is no boolean, a text is no list of texts; a whole number
    will do where a number is wanted.
    """
    made = Converter()
    for plain in (bool, int, str):
        made.register_structure_hook(plain, exactly)
    made.register_structure_hook(float, number)
    made.register_structure_hook_func(lambda t: t == tuple[str, ...], texts)
    made.register_structure_hook_func(lambda t: t == Mapping[str, str], names)
    return made


converter: Final = _converter()
