"""Where the login comes from, which source won, and that nobody gets to see it."""

import json
import os
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import pytest

from argo_tradervue_plugin.config.credentials import (
    AGAIN,
    CACHED,
    Credentials,
    CredentialsFinder,
    ask_secrets_manager,
    warn_of_stale_token,
)
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import CredentialsError

CANARY = "canary-pässword-0815"
NEW = "argo-capital/argo/tradervue"
OLD = "argo-alpine/argo/tradervue"


@attrs.define
class FakeAws:
    """Secrets Manager as the finder sees it; counts how often it was asked."""

    has: Mapping[str, str] = attrs.field(factory=dict)
    asked: int = 0

    def __call__(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """Return what it has."""
        self.asked += 1
        return self.has


def finder(
    aws: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    **settings: Any,
) -> CredentialsFinder:
    """Return a finder that looks into nothing but what is given."""
    return CredentialsFinder(
        Settings(**settings), environ=environ or {}, ask_aws=FakeAws(aws or {})
    )


def test_password_is_never_shown() -> None:
    """``repr`` has the name and three stars."""
    shown = repr(Credentials(username="me", password=CANARY))

    assert "me" in shown
    assert "***" in shown
    assert CANARY not in shown


def test_same_login_from_another_source_is_the_same() -> None:
    """A login that moves into the environment is not tried anew after a refusal."""
    one = Credentials(username="me", password="x", source="settings")
    other = Credentials(username="me", password="x", source="environment")

    assert one == other
    assert one != attrs.evolve(one, password="y")


AWS = {"username": "aws-user", "password": "aws-password"}
ENVIRONMENT = {
    "TRADERVUE_USERNAME": "env-user",
    "TRADERVUE_PASSWORD": "env-password",
}
SET: dict[str, Any] = {"username": "set-user", "password": "set-password"}


@pytest.mark.parametrize(
    ("settings", "aws", "environ", "expected"),
    [
        pytest.param(
            SET, AWS, ENVIRONMENT, ("set-user", "set-password", "settings"), id="all"
        ),
        pytest.param(
            {},
            AWS,
            ENVIRONMENT,
            ("aws-user", "aws-password", "AWS Secrets Manager"),
            id="aws-before-environment",
        ),
        pytest.param(
            {},
            {},
            ENVIRONMENT,
            ("env-user", "env-password", "environment"),
            id="environment-alone",
        ),
        pytest.param(
            {"username": "set-user"},
            {},
            ENVIRONMENT,
            ("set-user", "env-password", "settings and environment"),
            id="each-part-by-itself",
        ),
        pytest.param(
            {"username": "set-user"},
            AWS,
            {},
            ("set-user", "aws-password", "settings and AWS Secrets Manager"),
            id="password-from-aws",
        ),
        pytest.param(
            {},
            {"username": "aws-user"},
            ENVIRONMENT,
            ("aws-user", "env-password", "AWS Secrets Manager and environment"),
            id="half-in-aws",
        ),
    ],
)
def test_settings_win_over_aws_and_aws_over_the_environment(
    settings: Mapping[str, Any],
    aws: Mapping[str, str],
    environ: Mapping[str, str],
    expected: tuple[str, str, str],
) -> None:
    """The operator is told which source each part came from."""
    found = finder(aws, environ, **settings).get()

    assert (found.username, found.password, found.source) == expected


@pytest.mark.parametrize(
    ("environ", "named", "not_named"),
    [
        pytest.param({}, "no username and no password", "API token", id="both"),
        pytest.param(
            {"TRADERVUE_USERNAME": "me"}, "no password", "no username", id="password"
        ),
        pytest.param(
            {"TRADERVUE_PASSWORD": CANARY}, "no username", CANARY, id="username"
        ),
        pytest.param(
            {"TRADERVUE_USERNAME": "", "TRADERVUE_PASSWORD": ""},
            "no username and no password",
            "API token",
            id="empty",
        ),
        pytest.param(
            {"TRADERVUE_API_TOKEN": CANARY}, "has no API token", CANARY, id="token"
        ),
    ],
)
def test_missing_part_is_named_with_where_was_looked(
    environ: Mapping[str, str], named: str, not_named: str
) -> None:
    """The text says what is missing and lists the three places, and no secret."""
    looking = finder({"said": "no such secrets in us-east-1"}, environ)
    with pytest.raises(CredentialsError) as caught:
        looking.get()

    text = str(caught.value)
    assert named in text
    assert not_named not in text
    assert "settings" in text
    assert "no such secrets in us-east-1" in text
    assert "TRADERVUE_USERNAME, TRADERVUE_PASSWORD" in text


def test_aws_is_not_asked_where_the_settings_have_both() -> None:
    """What needs no network waits for none."""
    aws = FakeAws(AWS)
    CredentialsFinder(Settings(**SET), environ={}, ask_aws=aws).get()

    assert aws.asked == 0


def test_aws_is_not_asked_where_the_operator_said_so() -> None:
    """``aws_secrets: false`` leaves the settings and the environment."""
    aws = FakeAws(AWS)
    looking = CredentialsFinder(
        Settings(aws_secrets=False), environ=ENVIRONMENT, ask_aws=aws
    )

    assert looking.get().source == "environment"
    assert aws.asked == 0


def test_answer_of_aws_is_remembered_for_a_while() -> None:
    """A lookup costs money and time: one is enough until it is old, or was refused."""
    aws, now = FakeAws(AWS), [1000.0]
    looking = CredentialsFinder(
        Settings(), environ={}, ask_aws=aws, clock=lambda: now[0]
    )
    for seconds in (0.0, 1.0, CACHED - 1):
        now[0] = 1000.0 + seconds
        looking.get()
    assert aws.asked == 1

    now[0] = 1000.0 + CACHED + 1
    looking.get()
    assert aws.asked == 2

    looking.forget()
    looking.get()
    assert aws.asked == 3


def test_rotated_secret_is_found_after_a_refusal() -> None:
    """What was refused is forgotten; the next look finds what stands there then."""
    aws = FakeAws(AWS)
    looking = CredentialsFinder(Settings(), environ={}, ask_aws=aws)
    before = looking.get()
    aws.has = AWS | {"password": "rotated"}

    assert looking.get() == before
    looking.forget()
    assert looking.get().password == "rotated"


def test_known_login_needs_no_network() -> None:
    """A page that shows the user's name never waits for AWS."""
    aws = FakeAws(AWS)
    looking = CredentialsFinder(Settings(), environ={}, ask_aws=aws)
    assert looking.known() is None
    assert aws.asked == 0

    looking.get()
    known = looking.known()
    assert known is not None
    assert known.username == "aws-user"


def test_environment_is_known_at_once() -> None:
    """Before anything was asked the environment already answers."""
    known = finder({}, ENVIRONMENT).known()

    assert known is not None
    assert known.username == "env-user"


def test_stale_token_is_pointed_out(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who set a token is told plainly that it is not used; its value is not shown."""
    warn_of_stale_token({})
    assert caplog.records == []

    monkeypatch.setenv("TRADERVUE_API_TOKEN", CANARY)
    warn_of_stale_token()
    (record,) = caplog.records
    assert "Tradervue has no API token" in record.getMessage()
    assert CANARY not in caplog.text


# What a file, a pipe or a console leaves on it. ------------------------------------

SOURCES = ["settings", "AWS Secrets Manager", "environment"]


def finder_of(source: str, username: str, password: str) -> CredentialsFinder:
    """Return a finder whose *source* alone has that login."""
    if source == "settings":
        section: dict[str, Any] = {"username": username, "password": password}
        return finder(**{k: v for k, v in section.items() if v})
    if source == "environment":
        return finder(
            {}, {"TRADERVUE_USERNAME": username, "TRADERVUE_PASSWORD": password}
        )
    return finder({"username": username, "password": password})


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\r"])
def test_line_end_is_no_part_of_a_login(
    source: str, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Kubernetes and ``echo |`` leave one; that is said once, whatever the place."""
    looking = finder_of(source, f"me{end}", f" {CANARY} {end}")
    for _ in range(3):
        found = looking.get()
        looking.forget()

    assert (found.username, found.password) == ("me", f" {CANARY} ")
    said = [r.getMessage() for r in caplog.records]
    assert len(said) == 2
    assert all(f"source={source}" in line for line in said)
    assert CANARY not in caplog.text


def test_settings_take_a_login_with_a_line_end() -> None:
    """It is trimmed where every login is, and refused nowhere before."""
    section = {"username": "me\n", "password": f"{CANARY}\r\n"}

    found = CredentialsFinder(Settings.from_mapping(section), environ={}).get()
    assert (found.username, found.password) == ("me", CANARY)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("part", ["username", "password"])
@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("a\nb", "control character"),
        ("a\0b", "control character"),
        ("\x1b[31mb", "control character"),
        ("a\x7f", "control character"),
        ("a\udcffb", "bytes that are not text"),
    ],
)
def test_other_control_characters_are_refused_in_words(
    source: str, part: str, inside: str, words: str
) -> None:
    """With the part and the place, without the value, and no other place is tried."""
    login = {"username": "me", "password": "secret"} | {part: f"{CANARY}{inside}"}
    looking = finder_of(source, **login)
    looking._environ = dict(looking._environ) or dict(ENVIRONMENT)
    with pytest.raises(CredentialsError, match=words) as raised:
        looking.get()

    text = str(raised.value)
    assert f"the {part} for Tradervue from {source}" in text
    assert text.isprintable()
    assert "canary" not in text
    assert looking.known() is None
    assert looking.username() is None


def test_environment_that_is_no_text_is_one_clear_error() -> None:
    """A real process, whose environment has bytes that UTF-8 has not."""
    program = (
        "from argo_tradervue_plugin.config.credentials import CredentialsFinder as F\n"
        "from argo_tradervue_plugin.config.settings import Settings\n"
        "from argo_tradervue_plugin.errors import CredentialsError\n"
        "try: F(Settings(aws_secrets=False)).get()\n"
        "except CredentialsError as error: print(error)\n"
    )
    environ = {**os.environb, b"TRADERVUE_USERNAME": b"me"}
    environ[b"TRADERVUE_PASSWORD"] = b"canary\xff\xfe"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, check=True
    )

    assert b"password for Tradervue from environment holds bytes" in done.stdout
    assert b"canary" not in done.stdout


# AWS itself: the real boto3, and a Secrets Manager on this machine. ------------------


class SecretsServer(ThreadingHTTPServer):
    """Answers ``GetSecretValue``; a secret may also be an error, as ``!Code``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SecretsHandler)
        self.secrets: dict[str, str] = {}
        self.binary: set[str] = set()  # names whose value is sent as bytes
        self.asked: list[str] = []
        self.regions: set[str] = set()


class SecretsHandler(BaseHTTPRequestHandler):
    """One request of boto3."""

    server: SecretsServer

    def do_POST(self) -> None:
        """Answer as AWS does."""
        length = int(self.headers["Content-Length"])
        name = json.loads(self.rfile.read(length))["SecretId"]
        self.server.asked.append(name)
        scope = self.headers["Authorization"].split("/")
        self.server.regions.add(scope[2])
        value = self.server.secrets.get(name, "!ResourceNotFoundException")
        if value.startswith("!"):
            status, answer = 400, {"__type": value[1:], "message": "no"}
        else:
            key = "SecretString"
            if name in self.server.binary:
                key, value = "SecretBinary", b64encode(value.encode()).decode()
            status, answer = 200, {"Name": name, key: value}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
        """Say nothing."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsServer]:
    """A Secrets Manager on this machine, which boto3 takes for the real one."""
    boto3 = pytest.importorskip("boto3", reason="AWS needs the extra 'aws'")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with SecretsServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(
            target=server.serve_forever, args=(0.005,), daemon=True
        )
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def login(prefix: str, name: str) -> dict[str, str]:
    """Return the two secrets of an installation."""
    return {f"{prefix}-username": name, f"{prefix}-password": f"{name}-{CANARY}"}


def test_present_name_of_the_secrets_wins(aws: SecretsServer) -> None:
    """What is found under the present names is not looked for under the old ones."""
    aws.secrets = login(NEW, "new") | login(OLD, "old")

    found = ask_secrets_manager({})

    assert found == {"username": "new", "password": f"new-{CANARY}"}
    assert aws.asked == [f"{NEW}-username", f"{NEW}-password"]
    assert aws.regions == {"us-east-1"}


def test_old_installations_keep_their_secrets(aws: SecretsServer) -> None:
    """Where the present names do not exist the old ones serve, in the host's region."""
    aws.secrets = login(OLD, "old")

    found = ask_secrets_manager({"AWS_DEFAULT_REGION": "eu-west-1"})

    assert found == {"username": "old", "password": f"old-{CANARY}"}
    assert aws.regions == {"eu-west-1"}


def test_login_is_not_put_together_from_two_installations(aws: SecretsServer) -> None:
    """Half of a new login does not go with half of an old one that is whole."""
    aws.secrets = login(OLD, "old") | {f"{NEW}-username": "new"}

    assert ask_secrets_manager({})["username"] == "old"


def test_permission_for_the_old_names_alone_is_enough(aws: SecretsServer) -> None:
    """AWS refuses what a role may not see, whether it exists or not."""
    denied = "!AccessDeniedException"
    aws.secrets = login(OLD, "old") | dict.fromkeys(login(NEW, "new"), denied)

    assert ask_secrets_manager({}).get("username") == "old"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ResourceNotFoundException", "no such secrets in us-east-1"),
        ("AccessDeniedException", "us-east-1: AccessDeniedException"),
        ("UnrecognizedClientException", "us-east-1: UnrecognizedClientException"),
    ],
)
def test_refusal_of_aws_is_told_in_its_own_word(
    aws: SecretsServer, code: str, said: str
) -> None:
    """The operator reads why AWS had nothing; the environment is still looked at."""
    aws.secrets = {
        f"{prefix}-{part}": f"!{code}"
        for prefix in (NEW, OLD)
        for part in ("username", "password")
    }

    assert ask_secrets_manager({}) == {"said": said}


@pytest.mark.parametrize(
    ("code", "is_passing"),
    [
        ("ThrottlingException", True),
        ("ExpiredTokenException", True),
        ("TooManyRequestsException", True),
        ("ResourceNotFoundException", False),
        ("AccessDeniedException", False),
    ],
)
def test_what_may_pass_by_itself_is_no_answer(
    aws: SecretsServer, code: str, is_passing: bool
) -> None:
    """A login of the environment counts meanwhile, and is not certain."""
    names = login(NEW, "new") | login(OLD, "old")
    aws.secrets = dict.fromkeys(names, f"!{code}")
    found = CredentialsFinder(
        Settings(),
        environ={"TRADERVUE_USERNAME": "me", "TRADERVUE_PASSWORD": CANARY},
        ask_aws=lambda _: ask_secrets_manager({}),
    )

    assert found.get().is_certain is not is_passing
    assert found.has_answered is not is_passing
    assert found.get().username == "me"


def test_first_names_that_are_not_answered_may_still_win(aws: SecretsServer) -> None:
    """What an older installation left is not certain before."""
    throttled = dict.fromkeys(login(NEW, "new"), "!ThrottlingException")
    aws.secrets = login(OLD, "old") | throttled
    found = CredentialsFinder(
        Settings(), environ={}, ask_aws=lambda _: ask_secrets_manager({})
    )

    assert found.get().username == "old"
    assert not found.get().is_certain


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (
            f'{{"username": "me", "password": "{CANARY}"}}',
            "is under its key `password`",
        ),
        (f'{{"pass": "{CANARY}"}}', "belongs under its key `password`"),
    ],
)
def test_json_is_recognised_and_named_with_the_key(
    aws: SecretsServer, stored: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no password; the operator reads which secret, and what it needs."""
    aws.secrets = login(NEW, "new") | {f"{NEW}-password": stored}
    looking = CredentialsFinder(
        Settings(), environ={}, ask_aws=lambda _: ask_secrets_manager({})
    )
    with pytest.raises(CredentialsError, match="is JSON") as raised:
        looking.get()

    assert f"{NEW}-password" in str(raised.value)
    assert words in str(raised.value)
    assert CANARY not in str(raised.value) + caplog.text
    assert caplog.text.count("tradervue.secret_unusable") == 1


def test_binary_secret_is_named(aws: SecretsServer) -> None:
    """A file that was uploaded as it is."""
    aws.secrets = login(NEW, "new")
    aws.binary = {f"{NEW}-password"}

    found = ask_secrets_manager({})
    assert f"{NEW}-password is binary" in found["said"]
    assert "password" not in found


def test_number_is_no_json_object(aws: SecretsServer) -> None:
    """Nor is a password in quotation marks: only an object has keys."""
    aws.secrets = {f"{NEW}-username": "4711", f"{NEW}-password": '"x"'}

    assert ask_secrets_manager({}) == {"username": "4711", "password": '"x"'}


def test_aws_that_cannot_be_reached_is_asked_again_soon() -> None:
    """Not for five minutes as one that has answered."""
    now = [0.0]
    answers: list[dict[str, str]] = [{"unanswered": "ConnectTimeoutError"}, {}]
    asked: list[float] = []

    def ask(_: Mapping[str, str]) -> Mapping[str, str]:
        asked.append(now[0])
        return answers.pop(0)

    found = CredentialsFinder(
        Settings(),
        environ={"TRADERVUE_USERNAME": "me", "TRADERVUE_PASSWORD": CANARY},
        ask_aws=ask,
        clock=lambda: now[0],
    )
    assert not found.get().is_certain
    now[0] = AGAIN - 1
    assert not found.get().is_certain
    now[0] = AGAIN + 1
    assert found.get().is_certain
    now[0] = AGAIN + CACHED
    assert found.get().is_certain
    assert asked == [0.0, AGAIN + 1]


def test_aws_without_a_login_of_its_own_is_no_failure(
    aws: SecretsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without AWS credentials falls back, and asks nobody."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    assert ask_secrets_manager({}) == {"said": "us-east-1: NoCredentialsError"}
    assert aws.asked == []


@pytest.mark.parametrize("region", ["nowhere at all", "-", "ä"])
def test_impossible_region_is_no_failure(aws: SecretsServer, region: str) -> None:
    """A mistyped region is told, not raised."""
    found = ask_secrets_manager({"AWS_DEFAULT_REGION": region})

    assert "username" not in found
    assert found["said"]


def test_missing_boto3_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra only the settings and the environment are left."""
    monkeypatch.setitem(sys.modules, "boto3", None)

    assert ask_secrets_manager({}) == {"said": "boto3 is not installed"}
