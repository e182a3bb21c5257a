# ruff: noqa: INP001 (a script beside the other)
"""
Are there known vulnerabilities in what the package needs?

Asks pip-audit about the versions that are installed here for ``.[all]``. Where nobody
can be asked (no index with that data, no network, too slow) it says so, and that is no
failure: what was not looked at passes neither for sound nor for broken.

Exit code: 1 where something is known to be vulnerable, otherwise 0.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["judge", "needed"]

PACKAGE: Final = "argo-tradervue-plugin"
EXTRAS: Final = frozenset({"all"})
PIP_AUDIT: Final = "pip-audit>=2.7"
HOME: Final = Path(__file__).parents[1] / ".venv-audit"
SECONDS: Final = 120  # for each of the three steps
LONGEST: Final = 300  # characters of somebody else's error
Report = Mapping[str, Any]


def judge(report: Report) -> tuple[bool, str]:
    """
    Return whether the *report* of pip-audit is free of findings, and it in words.

    What pip-audit could not look up it lists with a reason, and calls no problem.
    """
    packages = report["dependencies"]
    asked = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {known['id']}, fixed in "
        f"{', '.join(known['fix_versions']) or 'no version yet'}"
        for package in asked
        for known in package["vulns"]
    ]
    if found:
        return False, "\n".join(["known vulnerabilities:", *found])
    if not asked:
        words = f"NOT AUDITED: none of {len(packages)} packages is known to the index"
        return True, words
    left_out = sorted({p["name"] for p in packages} - {p["name"] for p in asked})
    words = f"{len(asked)} packages without known vulnerabilities"
    return True, words + (f"; NOT AUDITED: {', '.join(left_out)}" if left_out else "")


def needed(name: str = PACKAGE, extras: frozenset[str] = EXTRAS) -> dict[str, str]:
    """Return the versions, by name, of what is installed because *name* needs it."""
    found: dict[str, str] = {}
    open_ = [(name, extras)]
    seen = set(open_)
    while open_:
        package, wanted = open_.pop()
        for line in distribution(package).requires or ():
            each = Requirement(line)
            if each.marker and not any(
                each.marker.evaluate({"extra": extra}) for extra in wanted | {""}
            ):
                continue
            node = (each.name, frozenset(each.extras))
            if each.name != name:
                found[canonicalize_name(each.name)] = distribution(each.name).version
            if node not in seen:
                seen.add(node)
                open_.append(node)
    return found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run *command* within the time there is."""
    return subprocess.run(  # noqa: S603 - what is run is written below
        command, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def audit(versions: Mapping[str, str]) -> Report:
    """
    Return what pip-audit, in an environment of its own, reports of *versions*.

    Raises:
        OSError: where it cannot be had, or could not ask; the text says why.
        TimeoutExpired: where that takes too long.
    """
    python = str(HOME / "bin" / "python")
    for command in (
        (sys.executable, "-m", "venv", str(HOME)),
        (python, "-m", "pip", "install", "-q", PIP_AUDIT),
    ):
        done = run(*command)
        if done.returncode:
            raise OSError(f"{PIP_AUDIT} cannot be installed: {last_of(done.stderr)}")
    pinned = HOME / "pinned.txt"
    lines = (f"{name}=={version}\n" for name, version in sorted(versions.items()))
    pinned.write_text("".join(lines), encoding="utf-8")
    options = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "-f", "json")
    done = run(python, "-m", "pip_audit", *options, "-r", str(pinned))
    try:
        report: Report = json.loads(done.stdout)
    except ValueError:  # it has no other way to say that it could not ask
        raise OSError(last_of(done.stderr)) from None
    return report


def last_of(words: str) -> str:
    """Return the last line of what a program said."""
    return (words.strip().splitlines() or ["it said nothing"])[-1][:LONGEST]


def main() -> int:
    """Ask, say what came of it, and return the exit code."""
    try:
        is_sound, words = judge(audit(needed()))
    except subprocess.TimeoutExpired:
        is_sound, words = True, f"NOT AUDITED: it took longer than {SECONDS} s"
    except OSError as error:
        is_sound, words = True, f"NOT AUDITED: {error}"
    sys.stdout.write(f"{words}\n")
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
