"""What names a database, what is refused, and that nobody gets to see a password."""

from pathlib import Path

import pytest

from argo_tradervue_plugin.config.account import Configuration, place_of
from argo_tradervue_plugin.config.databases import (
    is_misnamed,
    meant,
    refusal,
    shown,
    without_password,
)
from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.errors import ConfigError

CANARY = "canary-0815"
REFUSED = [
    f"mysql://me:{CANARY}@db/argo",
    f"jdbc:postgresql://db/argo?password={CANARY}",
    f"JDBC:sqlserver://db;password={CANARY}",
    f"host=db user=me password={CANARY}",
    f"dbname=argo password='{CANARY}'",
    f"Server=db;Password={CANARY}",
    f" postgresql://me:{CANARY}@db/argo",
    f"postgresql://me:{CANARY}@db/argo ",
    f"\tpostgresql://me:{CANARY}@db/argo",
    f"postgresql+asyncpg://me:{CANARY}@db/argo",
    f"postgresql:me:{CANARY}@db",
    f"redis://:{CANARY}@db/0",
    f"file:{CANARY}.db?mode=memory",
    f"sqlite://{CANARY}.db",
    f"sqlite:{CANARY}.db",
    "sqlite:///",
    "sqlite:///:memory:",
    ":memory:",
    f"C:\\{CANARY}.db",
]


def nothing(_: str) -> bool:
    """Say that nothing is anywhere."""
    return False


@pytest.mark.parametrize("database", REFUSED)
def test_database_is_refused_without_showing_it(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is allowed; nothing comes to be."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ConfigError, match=r"plugins\.tradervue\.database is "
    ) as raised:
        Settings.from_mapping({"database": database})

    assert CANARY not in str(raised.value)
    assert "`postgresql://`" in str(raised.value)
    assert list(tmp_path.iterdir()) == []
    assert CANARY not in repr(Settings(database=database))


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        ("postgres://me@db/argo", "postgresql://me@db/argo"),
        ("postgresql+psycopg://me@db/argo", "postgresql://me@db/argo"),
        ("POSTGRESQL://me@db/argo", "postgresql://me@db/argo"),
        ("sqlite:///a/b.db", "a/b.db"),
        ("sqlite:////a/b.db", "/a/b.db"),
        ("/var/lib/argo.db", "/var/lib/argo.db"),
        ("./a:b.db", "./a:b.db"),
        ("/data/2024-01-02T10:00/x=1 y.db", "/data/2024-01-02T10:00/x=1 y.db"),
    ],
)
def test_spellings_mean_the_same(database: str, expected: str) -> None:
    """A path, or a URL of PostgreSQL."""
    assert refusal(database) is None
    assert meant(database, nothing) == expected
    assert Settings.from_mapping({"database": database}).database == database


def test_hosts_with_two_spellings_are_one_configuration() -> None:
    """They share an integration, and a spool."""
    made = {
        Configuration.of(Settings(database=f"{scheme}://me:x@db/argo"), {})
        for scheme in ("postgres", "postgresql", "postgresql+psycopg", "Postgres")
    }

    assert len(made) == 1


@pytest.mark.parametrize("database", ["mysql://me@db/argo", "sqlite:///argo.db"])
def test_file_of_that_name_goes_on_where_it_is(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier version took for a path is one for as long as it is there."""
    monkeypatch.chdir(tmp_path)
    old = Path(database).absolute()
    old.parent.mkdir(parents=True)
    old.touch()

    assert is_misnamed(database)
    assert Settings.from_mapping({"database": database}).database == database
    assert place_of(database) == str(old)


def test_file_that_was_moved_to_where_it_was_meant_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one may stay where it is."""
    monkeypatch.chdir(tmp_path)
    Path("sqlite:").mkdir()
    for path in ("sqlite:/argo.db", "argo.db"):
        Path(path).touch()

    assert not is_misnamed("sqlite:///argo.db")
    assert place_of("sqlite:///argo.db") == str(tmp_path / "argo.db")


def test_spool_alone_is_something_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trades may wait in it."""
    monkeypatch.chdir(tmp_path)
    Path("mysql:/db-spool").mkdir(parents=True)

    assert is_misnamed("mysql://db")


@pytest.mark.parametrize("database", REFUSED)
def test_name_of_a_file_is_shown_without_what_it_may_hold(database: str) -> None:
    """As the setting, as a path, and with something behind it."""
    for text in (database, f"/home/me/{database}", f"/srv/{database}-spool/events"):
        assert CANARY not in shown(text)


def test_name_of_a_plain_file_is_shown() -> None:
    """Also of one with a colon inside."""
    assert shown("/data/10-00:01/argo.db") == "/data/10-00:01/argo.db"
    assert without_password("/data/argo.db") == "/data/argo.db"


@pytest.mark.parametrize(
    "name", ["password", "PASSWORD", "%70assword", "sslpassword", "scram_client_key"]
)
def test_secret_among_the_parameters_is_not_shown(name: str) -> None:
    """Nor where libpq would refuse its spelling: the refusal is shown too."""
    url = f"postgresql://argo@db/argo?{name}={CANARY}&sslmode=require"
    assert without_password(url) == (
        f"postgresql://argo@db/argo?{name}=***&sslmode=require"
    )
