"""
Exit codes: the one place where an error becomes a number and a line.

Commands let errors pass. :class:`Commands` catches them, whatever the command.
"""

import os
import sys
from contextlib import suppress
from enum import IntEnum
from typing import IO, Any, Final

import click

from argo_tradervue_plugin.cli.replayed import BrokenFile
from argo_tradervue_plugin.errors import (
    AccountMismatch,
    ApiError,
    ConfigError,
    CredentialsError,
    OutboxError,
    Refused,
    TradervueError,
    WrongAddress,
    WrongPlace,
)

__all__ = [
    "Commands",
    "Exit",
    "Interrupted",
    "Problem",
    "Unanswered",
    "Unwritten",
    "Wrong",
    "as_problem",
    "code_of",
]


class Exit(IntEnum):
    """What a command's exit code means, the same for all of them."""

    WELL = 0  # all well; lists always
    PERSON = 1  # something needs a person
    USAGE = 2  # options, files or settings cannot be used
    UNKNOWN = 3  # the command could not find out what it was asked
    INTERRUPTED = 130  # as a shell has it for SIGINT


# The first class that fits decides. Whatever Tradervue refuses for good needs a person;
# another answer, or none, leaves the question open.
CODES: Final[tuple[tuple[type[Exception], Exit], ...]] = (
    (AccountMismatch, Exit.PERSON),
    (BrokenFile, Exit.USAGE),
    (ConfigError, Exit.USAGE),
    (CredentialsError, Exit.PERSON),
    (WrongAddress, Exit.PERSON),
    (WrongPlace, Exit.PERSON),
    (Refused, Exit.PERSON),
    (ApiError, Exit.UNKNOWN),
    (OutboxError, Exit.UNKNOWN),
)


def code_of(error: Exception) -> Exit:
    """Return the exit code for *error*."""
    return next((code for kind, code in CODES if isinstance(error, kind)), Exit.PERSON)


class Problem(click.ClickException):
    """Something needs a person; the text says what."""

    exit_code = Exit.PERSON

    def show(self, file: IO[Any] | None = None) -> None:
        """Show the text; where that cannot be written, the exit code says it all."""
        with suppress(OSError):
            super().show(file)
        settle()


class Wrong(Problem):
    """What was given cannot be used; nothing was done."""

    exit_code = Exit.USAGE


class Unanswered(Problem):
    """What was asked could not be found out."""

    exit_code = Exit.UNKNOWN


class Unwritten(Unanswered):
    """The answer could not be written; whoever closed a pipe knows that."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the answer could not be written: {error.strerror}")
        self._is_silent = isinstance(error, BrokenPipeError)

    def show(self, file: IO[Any] | None = None) -> None:
        """Show the text, unless who would read it has gone."""
        if self._is_silent:
            settle()
        else:
            super().show(file)


def settle() -> None:
    """Let the end of the process not try again to write what could not be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # it was closed before the start
                stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


class Interrupted(Problem):
    """A person, or who watches over the command, has ended it; the text says more."""

    exit_code = Exit.INTERRUPTED


class Commands(click.Group):
    """The commands; what any of them raises becomes a line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (BrokenFile, TradervueError) as error:
            raise as_problem(error) from error
        except OSError as error:
            if error.filename is not None:
                raise  # of another file than those that it writes its answer to
            raise Unwritten(error) from error
        except SystemExit as error:  # as rich answers to a closed pipe
            if isinstance(error.__context__, BrokenPipeError):
                raise Unwritten(error.__context__) from error
            raise
        except click.Abort as error:
            if isinstance(error.__context__, EOFError):
                raise Wrong(
                    "nothing was changed: a person has to answer; --yes answers"
                ) from error
            raise Interrupted("interrupted") from error
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted") from error


def as_problem(*errors: Exception) -> Problem:
    """Return *errors* as click shows them: a line each, and one exit code."""
    lines: list[str] = []
    for error in errors:
        lines += error.problems if isinstance(error, ConfigError) else [str(error)]
    # What needs a person does so whatever else could not be found out.
    code = min(map(code_of, errors))
    kinds = {Exit.USAGE: Wrong, Exit.UNKNOWN: Unanswered}
    return kinds.get(code, Problem)("\n".join(lines))
