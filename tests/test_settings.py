"""The host's section becomes settings, or one sentence for each thing wrong with it."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_tradervue_plugin.config.settings import (
    SECTION,
    Settings,
    is_loopback,
)
from argo_tradervue_plugin.errors import ConfigError

CANARY = "canary-pässword-0815"
FIELDS = attrs.fields_dict(Settings)
FLOATS = [n for n, f in FIELDS.items() if f.type in (float, float | None)]
NUMBERS = [*FLOATS, *(n for n, f in FIELDS.items() if f.type in (int, int | None))]
BOOLEANS = [n for n, f in FIELDS.items() if f.type is bool]
OPTIONAL = [
    n for n, f in FIELDS.items() if type(None) in getattr(f.type, "__args__", ())
]

GOOD = {
    "enabled": True,
    "username": "trader@example.com",
    "password": CANARY,
    "base_url": "https://acme.tradervue.com/api/v1",
    "user_id": 4711,
    "contact": "ops@example.com",
    "database": "/var/lib/argo/outbox.db",
    "durability": "full",
    "timeout_seconds": 10,
    "request_interval_seconds": 1.5,
    "poll_seconds": None,
    "import_size": 100,
    "account_tag": "argo-live",
    "account_tags": False,
    "slot_cooldown_hours": 0,
    "tags": ["momentum", "v2"],
    "share_trades": False,
    "flush_seconds": 2.5,
}

BAD = [
    ("enabled", "yes", "true or false"),
    ("enabled", 1, "true or false"),
    ("enabled", None, "true or false"),
    ("username", 12, "a text"),
    ("username", "   ", "not empty"),
    ("username", "two\nlines", "a text"),
    ("base_url", "http://app.tradervue.com/api/v1", "https://"),
    ("base_url", "http://127.0.0.1.example.com", "https://"),
    ("base_url", "http://localhost.example.com", "https://"),
    ("base_url", "ftp://app.tradervue.com", "https://"),
    ("base_url", "app.tradervue.com/api/v1", "https://"),
    ("base_url", "https://", "https://"),
    ("base_url", "https:///api/v1", "https://"),
    ("base_url", "", "https://"),
    ("base_url", None, "a text"),
    ("base_url", "https://me:secret@app.tradervue.com", "without user name"),
    ("base_url", "https://me@app.tradervue.com", "without user name"),
    ("base_url", "https://[::1", "https://"),
    ("base_url", "https://app.tradervue.com:port/api", "https://"),
    ("base_url", "https://app.tradervue.com:99999/api", "https://"),
    ("user_id", 0, "from 1"),
    ("user_id", "4711", "a whole number"),
    ("user_id", 4711.0, "a whole number"),
    ("user_id", True, "a whole number"),
    ("contact", "", "not empty"),
    ("database", "", "not empty"),
    ("durability", "fast", "'normal' or 'full'"),
    ("timeout_seconds", 0, "from 1 to 120"),
    ("timeout_seconds", 121, "from 1 to 120"),
    ("timeout_seconds", "30", "a number"),
    ("timeout_seconds", None, "a number"),
    ("timeout_seconds", float("nan"), "from 1 to 120"),
    ("timeout_seconds", float("inf"), "from 1 to 120"),
    ("timeout_seconds", 10**400, "from 1 to 120"),
    ("request_interval_seconds", -1, "from 0 to 60"),
    ("import_size", 0, "from 1 to 500"),
    ("import_size", 501, "from 1 to 500"),
    ("import_size", 100.5, "a whole number"),
    ("account_tag", "", "lower-case letters"),
    ("account_tag", "Argo", "lower-case letters"),
    ("account_tag", "a,b", "lower-case letters"),
    ("account_tag", "a" * 31, "lower-case letters"),
    ("slot_cooldown_hours", -0.5, "from 0 to"),
    ("tags", "momentum", "a list of texts"),
    ("tags", ["fine", "Not Fine"], "lower-case letters"),
    ("tags", ["fine", 7], "a list of texts"),
    ("tags", {"a": 1}, "a list of texts"),
    ("flush_seconds", 61, "from 0 to 60"),
]


def problems_of(section: object) -> list[str]:
    """Return what is wrong with *section*, which has to be something."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_mapping(section)
    return caught.value.problems


def test_good_section_is_taken_as_it_stands() -> None:
    """Each value arrives; a whole number will do for seconds, a list for tags."""
    settings = Settings.from_mapping(GOOD)

    expected = GOOD | {"tags": ("momentum", "v2")}
    assert {name: getattr(settings, name) for name in GOOD} == expected
    assert isinstance(settings.timeout_seconds, float)


def test_defaults_pass_their_own_checks() -> None:
    """The section that a host has at least is right, and switched off."""
    assert Settings.from_mapping({}) == Settings()
    defaults = {name: getattr(Settings(), name) for name in FIELDS}
    assert Settings.from_mapping(defaults) == Settings()
    assert Settings().enabled is False


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_has_a_meaning(name: str) -> None:
    """The README's table is written from these: one plain sentence part for each."""
    meaning = FIELDS[name].metadata["meaning"]

    assert len(meaning) > 15
    assert meaning.endswith("...") or not meaning.endswith(".")
    assert "\n" not in meaning


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    BAD,
    ids=[f"{name}={str(value)[:40]}" for name, value, _ in BAD],
)
def test_bad_value_is_named_with_its_key_and_what_is_allowed(
    name: str, value: object, allowed: str
) -> None:
    """The operator reads the full path, what stands there, and what may."""
    (problem,) = problems_of({name: value})

    assert problem.startswith(f"{SECTION}.{name} is ")
    assert allowed in problem.partition(" but must be ")[2]
    assert problem.isprintable()
    assert len(problem) < 500


def test_everything_wrong_is_told_at_once() -> None:
    """One start of the host is enough to learn all of it."""
    wrong = {name: value for name, value, _ in BAD} | {"pasword": "x", "host": "y"}

    problems = problems_of(wrong)

    assert len(problems) == len(wrong)
    assert {p.split()[0].removeprefix(f"{SECTION}.") for p in problems} == set(wrong)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("acount_tag", "account_tag"),
        ("pasword", "password"),
        ("baseUrl", "base_url"),
        ("base-url", "base_url"),
        ("TIMEOUT SECONDS", "timeout_seconds"),
        ("flush_secs", "flush_seconds"),
    ],
)
def test_misspelt_key_is_answered_with_the_one_that_was_meant(
    key: str, name: str
) -> None:
    """It does not lie there without effect, and the line is short enough to read."""
    (problem,) = problems_of({key: "argo"})

    assert problem == f"{SECTION}.{key} is not a setting; did you mean {name}?"


def test_key_that_resembles_none_is_answered_with_where_they_are() -> None:
    """A guess that helps nobody is not made."""
    (problem,) = problems_of({"x": 1})

    assert problem == (
        f"{SECTION}.x is not a setting; the README has all of them under "
        "*Configuration*"
    )


def test_unknown_key_cannot_forge_a_line() -> None:
    """Whatever stands in the file comes out as one line."""
    (problem,) = problems_of({"a\nERROR b": 1})

    assert problem.startswith(f"{SECTION}.a ERROR b is not a setting")
    assert problem.isprintable()


@pytest.mark.parametrize("key", [7, None, ("a",)], ids=["number", "none", "tuple"])
def test_key_that_is_no_text_is_told_too(key: object) -> None:
    """A host whose config is no JSON may have any key."""
    assert "is not a setting" in problems_of({key: 1})[0]


@pytest.mark.parametrize(
    ("section", "shown"),
    [
        ([], "a list"),
        ("on", "a text"),
        (True, "true or false"),
        (None, "null"),
        (3, "a whole number"),
        (1.5, "a number"),
        (object(), "an object"),
    ],
    ids=["list", "text", "boolean", "null", "whole", "number", "other"],
)
def test_section_that_is_no_object_is_refused(section: object, shown: str) -> None:
    """The error says what the section is instead."""
    assert problems_of(section) == [f"{SECTION} must be an object, not {shown}"]


@pytest.mark.parametrize("name", OPTIONAL)
def test_null_is_not_given(name: str) -> None:
    """A setting whose default is nothing can be set to nothing."""
    assert getattr(Settings.from_mapping({name: None}), name) is None


@pytest.mark.parametrize("name", [n for n in FIELDS if n not in OPTIONAL])
def test_null_is_wrong_where_something_is_needed(name: str) -> None:
    """No null takes the place of a default in silence."""
    (problem,) = problems_of({name: None})

    assert " or null" not in problem


@pytest.mark.parametrize("name", BOOLEANS)
@pytest.mark.parametrize("value", [0, 1, "true", "no", [], None], ids=repr)
def test_only_a_boolean_is_a_boolean(name: str, value: object) -> None:
    """``"false"`` does not switch anything on."""
    assert "must be true or false" in problems_of({name: value})[0]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [True, False, "5", "1e3", [5], {}], ids=repr)
def test_only_a_number_is_a_number(name: str, value: object) -> None:
    """A boolean is no number, whatever Python thinks, and a text is none either."""
    assert "number" in problems_of({name: value})[0]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -1e308, 10**400, -(10**400)],
    ids=["nan", "infinity", "lowest", "huge", "hugely-negative"],
)
def test_no_number_is_beyond_measure(name: str, value: float) -> None:
    """JSON as Python reads it has NaN, infinity and whole numbers of any length."""
    assert len(problems_of({name: value})) == 1


SECRETS = [
    pytest.param({"password": CANARY}, id="right"),
    pytest.param({"password": CANARY, "timeout_seconds": 0}, id="something-else-wrong"),
    pytest.param({"password": [CANARY]}, id="in-a-list"),
    pytest.param({"password": {"value": CANARY}}, id="in-an-object"),
    pytest.param({"Password": CANARY}, id="key-misspelt"),
    pytest.param({"base_url": f"https://me:{CANARY}@example.com"}, id="in-the-address"),
    pytest.param({"site_url": f"https://{CANARY}@example.com"}, id="as-user-name"),
    pytest.param({"base_url": f"http://me:{CANARY}@[::1"}, id="in-a-broken-address"),
]


@pytest.mark.parametrize("section", SECRETS)
def test_password_is_never_shown(section: dict[str, Any]) -> None:
    """Neither settings nor errors show it, wherever the operator has put it."""
    try:
        shown = repr(Settings.from_mapping(section))
    except ConfigError as error:
        shown = f"{error} {error!r} {error.problems}"

    assert CANARY not in shown
    assert "0815" not in shown


def test_repr_tells_whether_there_is_a_password() -> None:
    """Three stars are there for any password, and None for none."""
    assert "password='***'" in repr(Settings(password=CANARY))
    assert "password=None" in repr(Settings())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8765/api/v1",
        "http://127.8.9.1/api/v1",
        "http://localhost:8765/api/v1",
        "http://[::1]:8765/api/v1",
        "https://127.0.0.1/api/v1",
        "https://app.tradervue.com/api/v1",
    ],
)
def test_plain_http_never_leaves_the_machine(url: str) -> None:
    """``http://`` is for this machine alone, ``https://`` for any."""
    assert Settings.from_mapping({"base_url": url}).base_url == url


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:1", True),
        ("http://LOCALHOST:1", True),
        ("http://[::1]:1", True),
        ("https://app.tradervue.com", False),
        ("https://localhost.example.com", False),
        ("https://10.0.0.1", False),
        ("https://0.0.0.0", False),
        ("nonsense", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, local: bool) -> None:
    """A name that begins like this machine's is not this machine."""
    assert is_loopback(url) is local


def test_local_server_is_polled_fast() -> None:
    """Against a sandbox nothing needs pacing; a number that is set wins."""
    local = Settings(base_url="http://127.0.0.1:1")

    assert (local.is_local, local.first_poll) == (True, 0.02)
    assert (Settings().is_local, Settings().first_poll) == (False, 2.0)
    assert Settings(poll_seconds=0.5).first_poll == 0.5


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(list(FIELDS)) | st.text(), json_values))
def test_any_section_is_taken_or_refused_in_words(section: dict[str, Any]) -> None:
    """Whatever JSON holds, the answer is settings or a ConfigError, never a crash."""
    try:
        settings = Settings.from_mapping(json.loads(json.dumps(section)))
    except ConfigError as error:
        unprintable = [text for text in error.problems if not text.isprintable()]
    else:
        unprintable = sorted(set(section) - set(FIELDS))
        assert repr(settings)
    assert unprintable == []
