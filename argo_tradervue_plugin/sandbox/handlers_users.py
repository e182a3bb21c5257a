"""``/users``: the members of an organization, for its manager."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from .accounts import Account, Accounts
from .answers import user
from .calls import Call, Refused, Reply, json_reply, missing
from .rows import parse_number
from .texts import Malformed, text
from .times import day_of, parse_body_date

_PLANS: Final = ("Free", "Silver", "Gold")
_MERGE_MODES: Final = ("normal", "force_split", "force_merge")
_RATES: Final = ("commission_stocks", "commission_options", "commission_futures")
_CHART_TYPES: Final = ("candlestick", "ohlc")
_TIMEFRAMES: Final = frozenset(
    ("r", "w", "d", "m60", "m30", "m15", "m10", "m5", "m3", "m2", "m1")
)
_MOST_CHARTS: Final = 4
# Too long a trial is refused; how long is too long is not documented.
_LONGEST_TRIAL: Final = timedelta(days=90)


def list_users(call: Call) -> Reply:
    """List the members."""
    accounts = _managed(call).members()
    return json_reply({"users": [user(each, call.assumptions) for each in accounts]})


def get_user(call: Call) -> Reply:
    """Answer with one member, a bare object."""
    return json_reply(user(_member(call), call.assumptions))


def post_user(call: Call) -> Reply:
    """Make a member."""
    accounts = _managed(call)
    members = call.payload()
    required = ("username", "plan", "email", "password")
    lacking = [f"{name} is required" for name in required if not members.get(name)]
    if lacking:
        raise call.invalid(*lacking)
    try:
        told = {name: text(members, name) for name in required}
        _judge(call, told["username"], told["plan"], told["email"])
        settings = _settings(call, members.get("settings"))
        trial_end = _trial_end(call, members.get("trial_end"))
    except Malformed as error:
        raise call.invalid(str(error)) from error
    account = accounts.create_member(told["username"], told["password"])
    account.email, account.plan = told["email"], told["plan"].lower()
    account.settings, account.trial_end = settings, trial_end
    return call.created("users", account.id)


def put_user(call: Call) -> Reply:
    """Change user name, e-mail or plan of a member."""
    account = _member(call)
    members = call.payload()
    try:
        told = {
            name: text(members, name)
            for name in ("username", "plan", "email")
            if name in members
        }
    except Malformed as error:
        raise call.invalid(str(error)) from error
    name = told.get("username", account.login)
    plan = told.get("plan", (account.plan or call.assumptions.plan).capitalize())
    email = told.get("email", account.email)
    try:
        _judge(call, name if name != account.login else None, plan, email)
    except Malformed as error:
        raise call.invalid(str(error)) from error
    if name != account.login:
        call.sandbox.accounts.rename(account, name)
    account.email, account.plan = email, plan.lower()
    return Reply(200)


def _judge(call: Call, username: str | None, plan: str, email: str) -> None:
    """Raise Malformed for what a member cannot be. *username* None: stays."""
    if username is not None:
        if not username.strip() or ":" in username:
            raise Malformed("username is invalid")
        if call.sandbox.accounts.is_taken(username):
            raise Malformed("username is taken")
    if plan not in _PLANS:
        raise Malformed("plan must be Free, Silver or Gold")
    if "@" not in email:
        raise Malformed("email is invalid")


def _settings(call: Call, value: object) -> Mapping[str, object]:
    """Return the settings, judged; unknown ones are ignored."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Malformed("settings must be an object")
    mode = value.get("merge_mode")
    if mode is not None and mode not in _MERGE_MODES:
        raise Malformed("merge_mode is invalid")
    for name in _RATES:
        try:
            parse_number(value.get(name))
        except ValueError as error:
            raise Malformed(f"{name} is invalid") from error
    mentor = value.get("mentor")
    if mentor is not None:
        known = call.sandbox.accounts.member(mentor) if type(mentor) is int else None
        if known is None or (known.plan or call.assumptions.plan) == "free":
            raise Malformed("mentor must be a silver or gold user")
    _judge_charts(value.get("charts"))
    return dict(value)


def _judge_charts(charts: object) -> None:
    if charts is None:
        return
    if not isinstance(charts, list) or len(charts) > _MOST_CHARTS:
        raise Malformed("charts must be a list of at most four")
    for chart in charts:
        is_known = (
            isinstance(chart, Mapping)
            and chart.get("type") in _CHART_TYPES
            and chart.get("timeframe") in _TIMEFRAMES
        )
        if not is_known:
            raise Malformed("charts are invalid")


def _trial_end(call: Call, value: object) -> str | None:
    if value is None:
        return None
    try:
        day = parse_body_date(value)
    except ValueError as error:
        raise Malformed("trial_end must be yyyy-mm-dd") from error
    if not timedelta(0) <= day - day_of(call.now) <= _LONGEST_TRIAL:
        raise Malformed("trial_end is invalid or too long")
    return day.isoformat()


def _managed(call: Call) -> Accounts:
    """Return the accounts, for a manager. Raises Refused for anybody else."""
    accounts = call.sandbox.accounts
    if not call.caller.is_manager:
        raise Refused(403, "Forbidden")
    return accounts


def _member(call: Call) -> Account:
    account = _managed(call).member(call.id or 0)
    if account is None:
        raise missing()
    return account
