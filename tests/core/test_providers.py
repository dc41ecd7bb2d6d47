"""The settings of the providers that people may sign in with."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from reviewhub.core import providers
from reviewhub.core.config import Settings
from reviewhub.web.lines import secrets_of

WORK = {
    "REVIEWHUB_OIDC_WORK_ISSUER": "https://login.example.org",
    "REVIEWHUB_OIDC_WORK_CLIENT_ID": "reviewhub",
    "REVIEWHUB_OIDC_WORK_CLIENT_SECRET": "hush-hush-hush",
}


def test_each_name_has_its_variables() -> None:
    lab = {name.replace("WORK", "LAB_2"): value for name, value in WORK.items()}
    more = {"REVIEWHUB_OIDC_LAB_2_LABEL": "The Lab", "REVIEWHUB_OIDC_LAB_2_MFA": "true"}
    work, second = providers.read("work, lab_2,", {**WORK, **lab, **more})
    assert (work.name, work.shown, work.mfa) == ("work", "work", False)
    assert work.scope == "openid email profile"
    assert (second.shown, second.mfa, second.issuer) == (
        "The Lab", True, "https://login.example.org",
    )  # fmt: skip
    assert "hush" not in repr(work)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n", encoding="utf-8")
    told = {**WORK, "REVIEWHUB_OIDC_WORK_CLIENT_SECRET": ""}
    told["REVIEWHUB_OIDC_WORK_CLIENT_SECRET_FILE"] = str(tmp_path / "secret")
    assert providers.read("work", told)[0].client_secret == "from a file"


@pytest.mark.parametrize(
    ("names", "changes", "sentence"),
    [
        ("work,work", {}, "names a provider twice"),
        ("Work", {}, "small letters"),
        ("work", {"REVIEWHUB_OIDC_WORK_ISSUER": ""}, "REVIEWHUB_OIDC_WORK_ISSUER is not set"),
        ("work", {"REVIEWHUB_OIDC_WORK_CLIENT_SECRET": ""}, "CLIENT_SECRET is not set"),
        ("work", {"REVIEWHUB_OIDC_WORK_ISSUER": "http://login.example.org"}, "https://"),
    ],
)
def test_what_is_wrong_is_said(names: str, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        providers.read(names, {**WORK, **changes})


def test_the_settings_read_them_and_stop_the_start_where_one_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"var": tmp_path, "secret_key": "k" * 40, "oidc_providers": "work"}
    with pytest.raises(ValidationError, match="REVIEWHUB_OIDC_WORK_ISSUER is not set"):
        Settings.load(**given)
    for name, value in WORK.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load(**given, secret_key_fallbacks="former-key-of-the-hub")
    assert [provider.name for provider in settings.oidc] == ["work"]
    assert {"hush-hush-hush", "former-key-of-the-hub"} <= set(secrets_of(settings))


def test_former_keys_come_after_the_present_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", " one , two,")
    settings = Settings.load(var=tmp_path, secret_key="k" * 40)
    assert settings.secret_keys == ("k" * 40, "one", "two")
