"""Settings: where they come from, and what is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from reviewhub.core import config
from reviewhub.core.config import Settings
from tests.second_app import changed_settings

SECRET = "q" * 32


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set."""
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.setenv("REVIEWHUB_VAR", str(tmp_path / "var"))


def test_production_without_a_secret_does_not_start_and_says_why() -> None:
    with pytest.raises(ValidationError, match="SECRET_KEY is not set: give one of at least 32"):
        Settings.load()


def test_a_short_secret_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2-hunter2")
    monkeypatch.setenv("SMTP_URL", "smtp://hub:open-sesame@mail.example")
    with pytest.raises(ValidationError, match="at least 32 characters") as refused:
        Settings.load()
    assert "hunter2" not in str(refused.value)
    assert "open-sesame" not in str(refused.value)


def test_no_secret_shows_where_settings_are_printed() -> None:
    settings = Settings.load(
        secret_key=SECRET,
        smtp_url="smtp://hub:open-sesame@mail.example",
        database_url="postgresql://hub:open-sesame@db.example/hub",
        redis_url="redis://:open-sesame@broker.example/0",
    )
    assert SECRET not in repr(settings)
    assert "open-sesame" not in repr(settings)


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_URL"])
def test_a_secret_can_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"sqlite:///{'f' * 40}\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    monkeypatch.setenv(f"{name}_FILE", str(file))
    assert getattr(Settings.load(), name.lower()) == f"sqlite:///{'f' * 40}"


def test_the_environment_wins_over_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("f" * 40)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    assert Settings.load().secret_key == SECRET


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://hub@env.example/hub")
    monkeypatch.setenv("REVIEWHUB_HUB", "from the environment")
    settings = Settings.load(secret_key=SECRET, database_url="sqlite:////given.db", hub="given")
    assert (settings.database_url, settings.hub) == ("sqlite:////given.db", "given")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_postgresql_means_the_one_driver(scheme: str) -> None:
    settings = Settings.load(secret_key=SECRET, database_url=f"{scheme}://hub@db.example/hub?a=b")
    assert settings.database_url == "postgresql+psycopg://hub@db.example/hub?a=b"


def test_without_an_address_the_database_is_a_file_under_var(tmp_path: Path) -> None:
    settings = Settings.load(secret_key=SECRET)
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'reviewhub.db'}"


def test_demo_mode_makes_a_secret_once_that_only_its_owner_reads(tmp_path: Path) -> None:
    first = Settings.load(demo=True).secret_key
    kept = tmp_path / "var" / "secret_key"
    assert len(first) >= 32
    assert kept.stat().st_mode & 0o777 == 0o600
    assert Settings.load(demo=True).secret_key == first


def test_a_secret_that_was_kept_serves_without_demo_mode_too() -> None:
    first = Settings.load(demo=True).secret_key
    assert Settings.load().secret_key == first


def test_the_public_address_has_no_slash_at_its_end() -> None:
    settings = Settings.load(secret_key=SECRET, base_url="https://hub.example/library/")
    assert settings.base_url == "https://hub.example/library"


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings.load(secret_key=SECRET).demo = True  # type: ignore[misc]  # what is tried


def test_a_process_without_an_application_has_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_current", None)
    with pytest.raises(RuntimeError, match="create_app has not run"):
        config.current()


@pytest.mark.usefixtures("app")
def test_the_settings_in_use_are_those_of_the_application() -> None:
    with changed_settings(hub="other"):
        assert config.current().hub == "other"
    assert config.current().hub != "other"
