"""Which OpenID Connect providers people may sign in with: read from the environment by name.

REVIEWHUB_OIDC_PROVIDERS=work,lab
REVIEWHUB_OIDC_WORK_ISSUER=https://login.example.org
REVIEWHUB_OIDC_WORK_CLIENT_ID=reviewhub
REVIEWHUB_OIDC_WORK_CLIENT_SECRET_FILE=/run/secrets/work
"""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

PREFIX = "REVIEWHUB_OIDC_"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Provider(BaseModel):
    """One provider. Its name stands in addresses, its label on the button."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: str
    issuer: str = Field(description="Its address, exactly as it gives it in what it signs.")
    client_id: str = Field(description="What the hub is called there.")
    client_secret: str = Field(description="What the hub shows to be itself there.", repr=False)
    label: str = Field("", description="What the button says; its name when empty.")
    scope: str = Field("openid email profile", description="What is asked for.")
    mfa: bool = Field(
        False,
        description="Believe it when it says that a second factor was asked for, "
        "and ask for no code here.",
    )

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.label or self.name

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, as in tests: the one case without encryption."""
        return urlsplit(self.issuer).hostname in _HERE


def read(names: str, environment: Mapping[str, str]) -> tuple[Provider, ...]:
    """The providers of these names, by commas. Raises ValueError with a sentence, or OSError."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if len(set(wanted)) < len(wanted):
        raise ValueError(f"{PREFIX}PROVIDERS names a provider twice")
    return tuple(_one(name, environment) for name in wanted)


def variables() -> list[tuple[str, object, str]]:
    """The variables of one provider: name with a gap, default, what it is."""
    return [
        (f"{PREFIX}…_{name.upper()}", "" if field.is_required() else field.default, told)
        for name, field in Provider.model_fields.items()
        if (told := field.description or "")
    ]


def _one(name: str, environment: Mapping[str, str]) -> Provider:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{PREFIX}PROVIDERS: “{name}” must be small letters, digits and _")
    values = {}
    for field in Provider.model_fields:
        variable = f"{PREFIX}{name.upper()}_{field.upper()}"
        value = environment.get(variable, "")
        if field == "client_secret" and not value and environment.get(f"{variable}_FILE"):
            value = Path(environment[f"{variable}_FILE"]).read_text(encoding="utf-8").strip()
        if value:
            values[field] = value
    for field in ("issuer", "client_id", "client_secret"):
        if field not in values:
            raise ValueError(f"{PREFIX}{name.upper()}_{field.upper()} is not set")
    provider = Provider(**{**values, "name": name})  # type: ignore[arg-type]  # checked there
    if not provider.issuer.startswith("https://") and not provider.is_here:
        raise ValueError(f"{PREFIX}{name.upper()}_ISSUER must begin with https://")
    return provider
