"""
Who we are at Tradervue, and where the user name and the password come from.

Looked for in this order, each part by itself: the settings, AWS Secrets Manager (where
Argo keeps its secrets), the environment.
"""

import json
import logging
import os
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

import attrs

from argo_tradervue_plugin.errors import CredentialsError
from argo_tradervue_plugin.guard import log
from argo_tradervue_plugin.process.forking import Lock, importing

__all__ = [
    "SECRETS",
    "Credentials",
    "CredentialsFinder",
    "fault_of",
    "region_of",
    "warn_of_stale_token",
    "without_line_end",
]

# What Argo's installations name their secrets, newest first.
SECRETS: Final = ("argo-capital/argo/tradervue", "argo-alpine/argo/tradervue")
REGION: Final = "us-east-1"  # the host's default
CACHED: Final = 300.0  # seconds; a lookup costs money and a fraction of a second
AGAIN: Final = 30.0  # seconds until AWS is asked again that has not answered
AWS_TIMEOUT: Final = 3.0  # seconds; the environment is there as well
PARTS: Final = ("username", "password")
LINE_ENDS: Final = "\r\n"
TOO_MANY: Final = 429  # HTTP statuses
FAULT: Final = 500

Lookup = Callable[[Mapping[str, str]], Mapping[str, str]]


def without_line_end(text: str) -> str:
    """Return *text* without the line end that a file or a pipe left on it."""
    return text.strip(LINE_ENDS)


def fault_of(text: str) -> str | None:
    """Return why *text* can be no part of a login, None where it can."""
    try:
        text.encode()
    except UnicodeEncodeError:  # how Python keeps bytes that it cannot read
        return "holds bytes that are not text in UTF-8"
    # A tab is one, too, and part of somebody's password that works.
    if any(unicodedata.category(c) == "Cc" and c != "\t" for c in text):
        return "holds a control character, such as a line end inside"
    return None


@attrs.frozen(kw_only=True)
class Credentials:
    """
    A Tradervue login. *password* opens the user's whole account: it is never shown.

    *source* says in words where the two were found, for the operator's status.
    *is_certain*: no source that comes earlier could still say otherwise.
    """

    username: str
    password: str = attrs.field(repr=lambda _: "'***'")
    source: str = attrs.field(default="settings", eq=False)
    is_certain: bool = attrs.field(default=True, eq=False)


class HasLogin(Protocol):
    """What of the settings is looked at here."""

    @property
    def username(self) -> str | None:
        """Return the user name, if it is set."""

    @property
    def password(self) -> str | None:
        """Return the password, if it is set."""

    @property
    def aws_secrets(self) -> bool:
        """Tell whether AWS Secrets Manager may be asked."""


class CredentialsFinder:
    """
    Finds the login and remembers what AWS said for five minutes.

    *ask_aws* returns what it has of ``username`` and ``password``, under ``said`` why
    it has nothing, ``unusable`` what is wrong with a secret, and ``unanswered`` where
    that may change by itself: no connection, a time-out, throttling, credentials of
    AWS that have expired. *clock* counts seconds.
    """

    def __init__(
        self,
        settings: HasLogin,
        *,
        environ: Mapping[str, str] = os.environ,
        ask_aws: Lookup | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._ask_aws = ask_aws or ask_secrets_manager
        self._clock = clock
        self._lock = Lock()
        self._found: Credentials | None = None
        self._aws: Mapping[str, str] = {}
        self._asked_at: float | None = None
        self._said: set[str] = set()  # what was logged, once each

    def known(self) -> Credentials | None:
        """Return what was found last, or what needs no network; None: nothing yet."""
        try:
            return self._found or self._assemble(self._aws)
        except CredentialsError:
            return None

    def username(self) -> str | None:
        """Return the user name as far as it is there, also without a password."""
        try:
            return self._parts(self._aws)[0].get("username")
        except CredentialsError:
            return None

    def get(self) -> Credentials:
        """
        Return the login; may wait for AWS, a few seconds at most.

        Raises:
            CredentialsError: where a part is missing; the text says where was looked.
        """
        with self._lock:
            given = self._settings
            if given.aws_secrets and not (given.username and given.password):
                now = self._clock()
                again = AGAIN if "unanswered" in self._aws else CACHED
                if self._asked_at is None or now - self._asked_at > again:
                    self._aws = self._ask_aws(self._environ)
                    self._asked_at = now
                    unusable = self._aws.get("unusable")
                    if unusable and self._is_new(unusable):
                        log.warning("tradervue.secret_unusable: %s", unusable)
            self._found = None  # what was there before may be gone
            self._found = self._assemble(self._aws)
            return self._found

    @property
    def has_answered(self) -> bool:
        """Whether every source was asked, and has said what it has."""
        given = self._settings
        if not given.aws_secrets or (given.username and given.password):
            return True
        return self._asked_at is not None and "unanswered" not in self._aws

    def forget(self) -> None:
        """Ask again next time: what was found was refused, and may have rotated."""
        self._asked_at = None

    def _parts(self, aws: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """
        Return what there is of a login, and which places it is from.

        Raises:
            CredentialsError: a part is there, and can be none.
        """
        environment = {
            part: self._environ.get(f"TRADERVUE_{part.upper()}", "") for part in PARTS
        }
        places = {
            "settings": {p: getattr(self._settings, p) or "" for p in PARTS},
            "AWS Secrets Manager": aws,
            "environment": environment,
        }
        found: dict[str, str] = {}
        sources: dict[str, None] = {}
        for part in PARTS:
            for place, values in places.items():
                given = values.get(part) or ""
                text = without_line_end(given)
                if not text:
                    continue
                fault = fault_of(text)
                if fault is not None:
                    raise CredentialsError(
                        f"the {part} for Tradervue from {place} {fault}: it has to be "
                        "set again, as plain text"
                    )
                if text != given and self._is_new(f"{part} {place}"):
                    log.warning(
                        "tradervue.credentials_trimmed part=%s source=%s: the line "
                        "end is no part of it",
                        part,
                        place,
                    )
                found[part] = text
                sources[place] = None
                break
        return found, list(sources)

    def _is_new(self, fact: str) -> bool:
        """Tell whether *fact* was not logged yet; from now on it was."""
        is_new = fact not in self._said
        self._said.add(fact)
        return is_new

    def _assemble(self, aws: Mapping[str, str]) -> Credentials:
        found, sources = self._parts(aws)
        missing = " and no ".join(part for part in PARTS if part not in found)
        if missing:
            raise CredentialsError(
                f"no {missing} for Tradervue: looked in the settings, AWS Secrets "
                f"Manager ({aws.get('said', 'not asked')}) and the environment "
                "(TRADERVUE_USERNAME, TRADERVUE_PASSWORD)"
                + ("; " + STALE if "TRADERVUE_API_TOKEN" in self._environ else "")
            )
        return Credentials(
            source=" and ".join(sources), is_certain=self.has_answered, **found
        )


STALE: Final = "TRADERVUE_API_TOKEN is set, but Tradervue has no API token: not used"


def warn_of_stale_token(environ: Mapping[str, str] = os.environ) -> None:
    """Tell an operator who relies on a token that there is no such thing."""
    if "TRADERVUE_API_TOKEN" in environ:
        log.warning("tradervue.api_token_unused: %s", STALE)


def region_of(environ: Mapping[str, str]) -> str:
    """Return the region of AWS in which secrets are looked for."""
    return environ.get("AWS_DEFAULT_REGION") or REGION


def ask_secrets_manager(environ: Mapping[str, str]) -> Mapping[str, str]:
    """
    Return what Secrets Manager holds of the login; under ``said`` why it is not all.

    Never raises: the environment is still to be looked at.
    """
    try:
        with importing:
            import encodings.idna  # noqa: F401 - or the first request would

            import boto3
            from botocore import exceptions
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError:
        return {"said": "boto3 is not installed"}
    # Nothing about AWS is set up on this machine; that says nothing of its network.
    not_in_use = (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.ProfileNotFound,
        exceptions.InvalidRegionError,
        exceptions.NoRegionError,
    )
    region = region_of(environ)
    found: dict[str, str] = {"said": f"no such secrets in {region}"}
    try:
        client = boto3.client(
            "secretsmanager",
            region_name=region,
            config=Config(
                connect_timeout=AWS_TIMEOUT,
                read_timeout=AWS_TIMEOUT,
                retries={"total_max_attempts": 1},
            ),
        )
        for prefix in SECRETS:
            login = login_under(client, prefix, found, region)
            if len(login) == len(PARTS):
                # Names that come first, and were not answered, may still be there.
                return login | {k: v for k, v in found.items() if k == "unanswered"}
            found |= {part: found.get(part, login[part]) for part in login}
    except BotoCoreError as error:
        found["said"] = f"{region}: {type(error).__name__}"
        if not isinstance(error, not_in_use):
            found["unanswered"] = type(error).__name__
    return found


def login_under(
    client: Any, prefix: str, found: dict[str, str], region: str
) -> dict[str, str]:
    """Return what there is under *prefix*; why it is not all goes into *found*."""
    login: dict[str, str] = {}
    for part in PARTS:
        try:
            secret = secret_of(client, f"{prefix}-{part}", part)
        except client.exceptions.ClientError as error:
            # A role that may read the other names only is refused these.
            code = error.response["Error"].get("Code", "error")
            found["said"] = f"{region}: {code}"
            if is_passing(error.response):
                found["unanswered"] = code
        except UnusableSecret as error:
            found["said"] = found["unusable"] = str(error)
        else:
            if secret:
                login[part] = secret
    return login


def is_passing(response: Mapping[str, Any]) -> bool:
    """Tell whether the refusal of AWS in *response* may go away by itself."""
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    words = ("Throttl", "Expired", "TooManyRequests", "RequestLimit", "SlowDown")
    return status >= FAULT or status == TOO_MANY or any(word in code for word in words)


class UnusableSecret(Exception):
    """A secret is there, and is no plain text; the message names it, and what helps."""


def secret_of(client: Any, name: str, part: str) -> str | None:
    """
    Return the text of one secret, the *part* of a login; None: there is none so named.

    Raises:
        UnusableSecret: it is not a plain text.
    """
    try:
        with unspoken():
            answer = client.get_secret_value(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return None
    text = answer.get("SecretString")
    if text is None and answer.get("SecretBinary"):
        raise UnusableSecret(
            f"the secret {name} is binary, and has to be a plain text: the {part}"
        )
    keys = keys_in(text or "")
    if keys is None:
        return text or None
    has_it = part in keys
    raise UnusableSecret(
        f"the secret {name} is JSON, and has to be a plain text: store there what "
        f"{'is' if has_it else 'belongs'} under its key `{part}`"
        + ("" if has_it else ", which it has not")
    )


def keys_in(text: str) -> frozenset[str] | None:
    """Return the keys of the JSON object that *text* is, None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frozenset(value) if isinstance(value, dict) else None


@contextmanager
def unspoken() -> Iterator[None]:
    """
    Keep what AWS answers to this thread out of the log.

    At DEBUG botocore logs the whole of every answer, and this one is the secret. What
    other threads of the host ask AWS is logged as it always was.
    """
    asker = threading.get_ident()

    def is_anothers(_: logging.LogRecord) -> bool:
        return threading.get_ident() != asker

    spoken = logging.getLogger("botocore.parsers")
    spoken.addFilter(is_anothers)
    try:
        yield
    finally:
        spoken.removeFilter(is_anothers)
