"""What the pages for contributors name is there."""

import re
from pathlib import Path
from typing import Final

import pytest

import argo_tradervue_plugin
from tests.test_packaging import ROOMS, ROOT

PACKAGE: Final = Path(argo_tradervue_plugin.__file__).parent
ARCHITECTURE: Final = (PACKAGE / "ARCHITECTURE.md").read_text(encoding="utf-8")
CONTRIBUTING: Final = ROOT / ".github" / "CONTRIBUTING.md"
NAMED: Final = re.compile(r"`([\w./]+(?:\.py|\.md|/))`")


def existing(name: str) -> bool:
    """Tell whether a page means a file or folder of the package, or of the checkout."""
    return (PACKAGE / name).exists() or (ROOT / name).exists()


@pytest.mark.parametrize("name", sorted(set(NAMED.findall(ARCHITECTURE))))
def test_architecture_names_what_is_there(name: str) -> None:
    """A module that was moved is moved on the page, too."""
    assert existing(name)


def test_architecture_has_every_room() -> None:
    """In the order in which they may import each other."""
    table = ARCHITECTURE.split("## The rooms")[1].split("## The promises")[0]
    cells = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    listed = [name for cell in cells for name in re.findall(r"`(\w+)/?`", cell)]
    rooms = [room for line in ROOMS for room in line if "." not in room]

    assert listed == [*rooms, "sandbox"]


def test_contributing_names_every_room_of_the_tests() -> None:
    """And none that is not there."""
    if not CONTRIBUTING.is_file():
        pytest.skip("the tests were taken out of the checkout")
    text = CONTRIBUTING.read_text(encoding="utf-8")
    named = set(re.findall(r"^\|.*", text, re.MULTILINE))
    listed = {room for line in named for room in re.findall(r"`tests/(\w+)`", line)}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}

    assert listed == folders
    for name in re.findall(r"`((?:tests|sandbox)/[\w/]+\.py)`", text):
        assert existing(name), name


def test_changelog_begins_with_what_is_not_released() -> None:
    """It is kept, and has the version that is built."""
    text = (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert versions[0] == "Unreleased"
    assert argo_tradervue_plugin.__version__ in versions
