"""What is shipped, what loading it costs, and who may import whom."""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

import argo_tradervue_plugin
from argo_tradervue_plugin.model import journal as models

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = Path(argo_tradervue_plugin.__file__).parent  # as it is installed
NAME: Final = "argo_tradervue_plugin"

# From the bottom up: a room imports from its own line and from those above it.
ROOMS: Final = (
    ("errors", "guard", "process", "model.fields"),
    ("trackers", "watching"),
    ("config",),
    ("model",),
    ("planning", "matching", "metrics"),  # pure
    ("tradervue",),
    ("outbox",),
    ("delivery",),
    ("services",),
    ("web",),
    ("plugin", "hookspecs", "host", "services.handle", "services.hosting"),
    ("cli",),
)
PURE: Final = ("model.", "planning.", "matching.", "metrics.")


@attrs.frozen
class Import:
    """One import: who, what, where, and whether loading the module runs it."""

    module: str
    wanted: str
    line: int
    is_at_load: bool


def module_name(path: Path) -> str:
    """Return the name of the module at *path*, without the package's own."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_type_checking(node: ast.stmt) -> bool:
    """Tell whether *node* is ``if TYPE_CHECKING``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports_of(path: Path) -> Iterator[Import]:
    """Yield every import of a module, also those inside functions."""
    name = module_name(path)
    is_package = path.name == "__init__.py"

    def walk(nodes: list[ast.stmt], *, is_at_load: bool) -> Iterator[Import]:
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(name, alias.name, node.lineno, is_at_load)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    here = [NAME, *name.split(".")] if name else [NAME]
                    up = here[: len(here) - node.level + is_package]
                    base = ".".join([*up, *([node.module] if node.module else [])])
                for alias in node.names:
                    whole = f"{base}.{alias.name}"
                    wanted = whole if is_module(whole) else base
                    yield Import(name, wanted, node.lineno, is_at_load)
            else:
                later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                quiet = later or is_type_checking(node)
                for field in ("body", "orelse", "finalbody", "handlers", "cases"):
                    inner = getattr(node, field, [])
                    bodies = [
                        sub if isinstance(sub, ast.stmt) else sub.body for sub in inner
                    ]
                    flat = [
                        each
                        for sub in bodies
                        for each in (sub if isinstance(sub, list) else [sub])
                    ]
                    yield from walk(flat, is_at_load=is_at_load and not quiet)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")).body, is_at_load=True)


def is_module(name: str) -> bool:
    """Tell whether *name* is a module of ours."""
    if not name.startswith(NAME):
        return False
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def room_of(module: str) -> int:
    """Return the line of *module*'s room, the most exact name first."""
    fitting = [
        (len(room), line)
        for line, rooms in enumerate(ROOMS)
        for room in rooms
        if module == room or module.startswith(f"{room}.")
    ]
    assert fitting, f"{module} is in no room: put it into ROOMS"
    return max(fitting)[1]


MODULES: Final = sorted(PACKAGE.rglob("*.py"))
OURS: Final = [p for p in MODULES if "sandbox" not in p.parts and p.parent != PACKAGE]
OURS.extend(p for p in MODULES if p.parent == PACKAGE and p.name != "__init__.py")
IMPORTS: Final = [found for path in MODULES for found in imports_of(path)]


def importers_of(library: str) -> set[str]:
    """Return the modules that import *library* for more than its types."""
    return {
        found.module
        for found in IMPORTS
        if found.wanted.split(".")[0] == library
        and (found.is_at_load or library != "httpx")
    }


@pytest.mark.parametrize("source", [PACKAGE / "guard.py", ROOT / "tests" / "fakes.py"])
def test_what_processes_of_the_tests_load_is_compiled(source: Path) -> None:
    """Once, by ``conftest.py``, whatever the environment says of writing bytecode."""
    if not os.access(source.parent, os.W_OK):
        pytest.skip("the checkout cannot be written to")
    compiled = Path(cache_from_source(str(source)))
    assert compiled.stat().st_mtime >= source.stat().st_mtime


# Rooms ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", OURS, ids=module_name)
def test_room_imports_only_from_rooms_above_it(path: Path) -> None:
    """Also inside functions, and for types alone."""
    name = module_name(path)
    wrong = [
        f"{name}:{found.line} imports {found.wanted}"
        for found in imports_of(path)
        if found.wanted.startswith(f"{NAME}.")
        and not (name.startswith("cli") and found.wanted.startswith(f"{NAME}.sandbox"))
        and room_of(found.wanted.removeprefix(f"{NAME}.")) > room_of(name)
    ]
    assert wrong == []


def test_sandbox_is_an_independent_witness() -> None:
    """It imports nothing of ours, and nobody but the command line imports it."""
    wrong = [
        found
        for found in IMPORTS
        if found.wanted.startswith(NAME)
        and (
            found.module.startswith("sandbox")
            != found.wanted.startswith(f"{NAME}.sandbox")
        )
        and not (
            found.module.startswith("cli")
            and found.wanted.startswith(f"{NAME}.sandbox")
        )
        and (
            found.module.startswith("sandbox")
            or found.wanted.startswith(f"{NAME}.sandbox")
        )
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("httpx", "tradervue"),
        ("backoff", "tradervue.pacing"),
        ("sqlite3", "outbox"),
        ("psycopg", "outbox"),
        ("boto3", "config.credentials"),
        ("fastapi", "web.fastapi"),
        ("click", "cli"),
        ("rich", "cli"),
        ("uvicorn", "sandbox"),
    ],
)
def test_library_is_known_in_one_room_only(library: str, homes: str) -> None:
    """So that another could take its place."""
    strangers = [
        module
        for module in importers_of(library)
        if module != homes and not module.startswith(f"{homes}.")
    ]
    assert strangers == []


def test_pure_rooms_do_no_input_or_output() -> None:
    """What the journal must say is decided without files, network or clock."""
    doing = {
        *("asyncio", "http", "httpx", "logging", "os", "pathlib", "random", "socket"),
        *("sqlite3", "subprocess", "threading", "time", "urllib"),
    }
    wrong = [
        f"{found.module} imports {found.wanted}"
        for found in IMPORTS
        if found.module.startswith(PURE) and found.wanted.split(".")[0] in doing
    ]
    assert wrong == []


# Names that only the API has: where it and we have one word (gross_pl), that is ours.
KEYS: Final = re.compile(
    r"^(transfee|trans_fee|ecnfee|commfees|start_datetime|end_datetime|"
    r"error_execnumber|error_description|journal_entries|journal_notes|"
    r"ortags|andtags|plgross|startdate|enddate|\w+_m[af]e_datetime)$"
)


@pytest.mark.parametrize("path", OURS, ids=module_name)
def test_only_the_wire_knows_the_names_of_the_api(path: Path) -> None:
    """No other module has one of them as a text, though attributes may be alike."""
    if module_name(path) == "tradervue.wire":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"{module_name(path)}:{node.lineno} {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and KEYS.match(node.value)
    ]
    assert found == []


def test_keys_looked_for_are_those_of_the_wire() -> None:
    """The list above is not about names that nobody uses."""
    tree = ast.parse((PACKAGE / "tradervue" / "wire.py").read_text(encoding="utf-8"))
    known = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    fields = {
        field.name
        for model in vars(models).values()
        if inspect.isclass(model) and attrs.has(model)
        for field in attrs.fields(model)
    }
    assert {"transfee", "start_datetime", "error_execnumber"} <= {
        key for key in known if KEYS.match(key)
    }
    assert not any(KEYS.match(name) for name in fields)


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("America/New_York", "model.times"),
        ("argo_tradervue_plugin", "guard"),  # the logger's name
        ("/api/v1", "config.addresses"),
    ],
)
def test_what_has_one_place_is_nowhere_else(text: str, home: str) -> None:
    """Two of them would differ one day."""
    homes = {
        module_name(path)
        for path in OURS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value == text
    }
    assert homes == {home}


def undocumented(path: Path) -> Iterator[str]:
    """Yield what is public in a module and has no docstring."""

    def walk(nodes: list[ast.stmt], prefix: str) -> Iterator[str]:
        for node in nodes:
            if not isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ) or node.name.startswith("_"):
                continue
            name = f"{prefix}{node.name}"
            if ast.get_docstring(node) is None and not is_overload(node):
                yield f"{name} (line {node.lineno})"
            if isinstance(node, ast.ClassDef):
                yield from walk(node.body, f"{name}.")

    tree = ast.parse(path.read_text(encoding="utf-8"))
    if ast.get_docstring(tree) is None:
        yield "the module"
    yield from walk(tree.body, "")


def is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Tell whether *node* only declares a form of a function that follows."""
    return any(
        ast.unparse(each) in {"overload", "typing.overload"}
        for each in node.decorator_list
    )


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_everything_public_says_what_it_is_for(path: Path) -> None:
    """Each module, class, function and method without an underscore."""
    assert list(undocumented(path)) == []


# Names ------------------------------------------------------------------------------


def test_public_names_are_sorted() -> None:
    """``__all__`` is the contract of the package, and can be read."""
    assert argo_tradervue_plugin.__all__ == sorted(argo_tradervue_plugin.__all__)
    assert dir(argo_tradervue_plugin) == argo_tradervue_plugin.__all__


def test_public_names_are_those_that_can_be_asked_for() -> None:
    """What is announced is served, and nothing else is."""
    served = {*argo_tradervue_plugin._homes, "__version__"}

    assert set(argo_tradervue_plugin.__all__) == served


@pytest.mark.parametrize("name", argo_tradervue_plugin.__all__)
def test_public_name_is_one_of_its_modules(name: str) -> None:
    """A name comes from where it is defined, and is public there too."""
    found = getattr(argo_tradervue_plugin, name)
    if name != "__version__":
        home = import_module(f"{NAME}.{argo_tradervue_plugin._homes[name]}")
        assert name in home.__all__
        assert getattr(home, name) is found


def test_public_names_are_known_to_type_checkers() -> None:
    """The imports under ``TYPE_CHECKING`` are the same names from the same modules."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if is_type_checking(node))
    homes = {
        alias.name: node.module.removeprefix(f"{NAME}.")
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert homes == argo_tradervue_plugin._homes


def test_name_that_does_not_exist_is_an_attribute_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        argo_tradervue_plugin.nonsense  # noqa: B018 - asking is the point


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_public_names_of_a_module_exist(path: Path) -> None:
    """Wherever a module says what is public, it has it, or serves it when asked."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public: list[str] = []
    known: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            known.add(node.name)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            known |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [ast.unparse(target) for target in targets]
            known |= set(names)
            if names == ["__all__"] and node.value is not None:
                public = list(ast.literal_eval(node.value))

    assert set(public) <= known
    assert len(set(public)) == len(public)


# What loading costs -----------------------------------------------------------------

PROBE = """
import json, sys, threading
import {before}
seen = []
def watch(event, args):
    if event == "open":
        path, mode = str(args[0]), args[1]
        if not (path.endswith((".py", ".pyc")) or "METADATA" in path):
            seen.append(f"open {{path}}")
    elif event.startswith(("socket.", "sqlite3.", "subprocess.", "os.system", "os.fork",
                           "_thread.start", "os.putenv", "os.mkdir")):
        seen.append(event)
sys.addaudithook(watch)
before = set(sys.modules)
import {module}
seen = list(seen)
print(json.dumps({{"modules": sorted(set(sys.modules) - before), "seen": seen,
                   "threads": threading.active_count()}}))
"""


Loaded = dict[str, Any]


def loading(module: str) -> Loaded:
    """Return what a fresh interpreter does when it imports *module*."""
    run = subprocess.run(
        [sys.executable, "-P", "-B", "-c", PROBE.format(before="os", module=module)],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(run.stdout))


HEAVY: Final = {
    *("asyncio", "backoff", "boto3", "cattr", "cattrs", "click", "fastapi", "http"),
    *("httpcore", "httpx", "psycopg", "rich", "socket", "sqlite3", "ssl", "starlette"),
    *("urllib.request", "uvicorn", "zoneinfo", "decimal"),
}


@pytest.fixture(scope="module")
def loaded_plugin() -> Loaded:
    """What the module behind the entry point brings with it."""
    return loading(f"{NAME}.plugin")


def test_loading_the_plugin_loads_next_to_nothing_of_ours(
    loaded_plugin: Loaded,
) -> None:
    """The package, the hooks, the guard and the errors; the rest comes with a start."""
    ours = {m for m in loaded_plugin["modules"] if m.startswith(NAME)}

    assert ours == {
        NAME,
        f"{NAME}.plugin",
        f"{NAME}.hookspecs",
        f"{NAME}.guard",
        f"{NAME}.process",
        f"{NAME}.process.logs",
        f"{NAME}.process.forking",
        f"{NAME}.services",
        f"{NAME}.services.hosting",
        f"{NAME}.errors",
    }


def test_loading_the_plugin_loads_nothing_heavy(
    loaded_plugin: Loaded,
) -> None:
    """A host that has the plugin disabled pays neither for HTTP nor for a database."""
    assert HEAVY & set(loaded_plugin["modules"]) == set()


def test_loading_the_plugin_touches_nothing(
    loaded_plugin: Loaded,
) -> None:
    """No file but the modules themselves, no socket, no database, no thread."""
    assert loaded_plugin["seen"] == []
    assert loaded_plugin["threads"] == 1


@pytest.mark.parametrize(
    "module", [NAME, f"{NAME}.sandbox", f"{NAME}.cli", f"{NAME}.host"]
)
def test_other_front_doors_are_light_too(module: str) -> None:
    """The package, the kit for hosts, the sandbox and the command, before their use."""
    found = loading(module)

    assert {"httpx", "sqlite3", "boto3", "uvicorn"} & set(found["modules"]) == set()
    assert found["seen"] == []


def test_entry_module_imports_almost_nothing_at_load() -> None:
    """pluggy by way of the contract, the guard, and the standard library."""
    found = {
        each.wanted.split(".")[0] if not each.wanted.startswith(NAME) else each.wanted
        for each in imports_of(PACKAGE / "plugin.py")
        if each.is_at_load
    }
    assert found <= {
        "collections",
        "typing",
        f"{NAME}.guard",
        f"{NAME}.hookspecs",
        f"{NAME}.process.logs",
        f"{NAME}.services.hosting",
    }


# What is shipped --------------------------------------------------------------------


def test_top_level_is_what_was_agreed() -> None:
    """A visitor sees five things; whatever else there is begins with a dot."""
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("the tests were taken out of the checkout")
    made_by_tools = {"__pycache__", "build", "dist"}
    visible = {
        path.name
        for path in ROOT.iterdir()
        if not path.name.startswith(".")
        and path.name not in made_by_tools
        and path.suffix != ".egg-info"
    }
    assert visible == {
        "README.md",
        "argo_tradervue_plugin",
        "conftest.py",
        "pyproject.toml",
        "tests",
    }


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and sdist of this checkout, built once and without a network."""
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("the tests were taken out of the checkout")
    if find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed, so no wheel can be built offline")
    folder = tmp_path_factory.mktemp("built")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> zipfile.Path:
    """The wheel."""
    (path,) = built.glob("*.whl")
    return zipfile.Path(path)


def test_wheel_and_sdist_have_the_license(built: Path, wheel: zipfile.Path) -> None:
    """The whole text, with the holder's name, whichever of the two is installed."""
    text = (PACKAGE / "LICENSE").read_text(encoding="utf-8")
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        member = sdist.extractfile(
            f"{path.name.removesuffix('.tar.gz')}/{NAME}/LICENSE"
        )
        assert member is not None
        assert member.read().decode() == text

    assert (wheel / NAME / "LICENSE").read_text(encoding="utf-8") == text
    assert text.startswith("MIT License\n\nCopyright (c) 2026 ")
    assert "The argo-tradervue-plugin authors" in text
    assert "Permission is hereby granted, free of charge" in text
    assert "this permission notice shall be included in all" in text
    assert text.endswith("DEALINGS IN THE\nSOFTWARE.\n")


def test_wheel_has_every_file_of_the_package(wheel: zipfile.Path) -> None:
    """Modules, pages, demo trades and ``py.typed``, and not one file more."""
    shipped = {
        name
        for name in wheel.root.namelist()
        if ".dist-info/" not in name and not name.endswith("/")
    }
    standing = {
        str(path.relative_to(PACKAGE.parent))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert shipped == standing
    assert f"{NAME}/py.typed" in shipped


def test_wheel_announces_plugin_and_command(wheel: zipfile.Path) -> None:
    """pip makes the entry point and the command from these lines."""
    (info,) = (p for p in wheel.iterdir() if p.name.endswith(".dist-info"))
    lines = (info / "entry_points.txt").read_text(encoding="utf-8").splitlines()

    assert "tradervue = argo_tradervue_plugin.plugin:plugin" in lines
    assert "argo-tradervue = argo_tradervue_plugin.cli:main" in lines


def test_wheel_asks_for_little(wheel: zipfile.Path) -> None:
    """What only some users need is an extra, and the host's Python will do."""
    (info,) = (p for p in wheel.iterdir() if p.name.endswith(".dist-info"))
    lines = (info / "METADATA").read_text(encoding="utf-8").splitlines()
    needed = {
        re.split(r"[^\w-]", line.removeprefix("Requires-Dist: "))[0]
        for line in lines
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    }
    assert needed == {"attrs", "backoff", "cattrs", "httpx", "pluggy", "tzdata"}
    assert "Requires-Python: >=3.11" in lines


# Types ------------------------------------------------------------------------------


def test_public_types_are_as_promised() -> None:
    """``tests/typing`` is checked and never run: right uses pass, wrong ones do not."""
    pytest.importorskip("mypy", reason="mypy is a developer's tool")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--warn-unused-ignores",
            "--explicit-package-bases",
            "tests/typing",
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_imports_make_no_circle() -> None:
    """Also of those inside functions, and for types alone."""
    # But for the package itself, which serves names of its modules when asked.
    wanted = {name: set[str]() for path in MODULES if (name := module_name(path))}
    for found in IMPORTS:
        name = found.wanted.removeprefix(f"{NAME}.")
        if name in wanted and found.module in wanted and name != found.module:
            wanted[found.module].add(name)
    # What imports nothing that is left is in no circle.
    while free := [name for name, others in wanted.items() if not others & {*wanted}]:
        for name in free:
            del wanted[name]
    assert wanted == {}
