"""Settings: read from the environment once, checked, and passed around as one frozen value."""

import os
import secrets
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from reviewhub.core import providers
from reviewhub.core.providers import Provider

PREFIX = "REVIEWHUB_"  # of every variable that has no name of its own
SECRETS = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "REDIS_URL", "SMTP_URL")


def _named(name: str) -> Any:
    return AliasChoices(name, name.lower())


def variable_of(name: str, alias: object) -> str:
    """The environment variable of a setting that has this name and, perhaps, an alias."""
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + name.upper()


class Settings(BaseModel):
    """Every setting of ReviewHub. `NAME_FILE` may name a file that holds a secret instead."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # the input holds the secrets
    )

    var: Path = Field(Path("var"), description="Folder for the database, uploads, logs, mailbox.")
    database_url: str = Field(
        "",
        validation_alias=_named("DATABASE_URL"),
        description="SQLite under var/ when empty.",
        repr=False,
    )
    redis_url: str = Field(
        "",
        validation_alias=_named("REDIS_URL"),
        description="Broker; `run` embeds one when empty.",
        repr=False,
    )
    secret_key: str = Field(
        "",
        validation_alias=_named("SECRET_KEY"),
        description="Signs sessions and mail links, and locks the secrets of second factors.",
        repr=False,
    )
    secret_key_fallbacks: str = Field(
        "",
        validation_alias=_named("SECRET_KEY_FALLBACKS"),
        description="Former keys, by commas: what was signed or locked with them still opens.",
        repr=False,
    )
    smtp_url: str = Field(
        "",
        validation_alias=_named("SMTP_URL"),
        description="smtp://user:password@host:port",
        repr=False,
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="Public address, used in every mail."
    )
    mail_from: str = Field("ReviewHub <noreply@example.org>", description="Sender of every mail.")
    bounce_address: str = Field(
        "",
        description="Address whose mailbox takes in bounces, as in bounce@hub.example; each mail's "
        "envelope carries its own form of it, with `+` and a token.",
    )
    bounce_hook_secret: str = Field(
        "",
        description="Opens /hooks/bounces to the mail provider; closed when empty.",
        repr=False,
    )
    hub: str = Field("migration", description="Built-in hub, or a folder with a hub definition.")
    demo: bool = Field(False, description="Demo content, demo logins and the mailbox page.")
    timezone: str = Field("UTC", description="Zone for people who chose none.")
    upload_max_bytes: int = Field(25 * 1024 * 1024, description="Largest file, in bytes.")
    trusted_proxies: int = Field(
        0, ge=0, description="Proxies in front whose X-Forwarded headers are believed."
    )
    check_host: bool | None = Field(
        None,
        description="Refuse requests for other hosts than the public address's; "
        "when not set: yes, except in a demo.",
    )
    metrics_token: str = Field(
        "", description="Opens /metrics from elsewhere than this machine.", repr=False
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important lines that are logged."
    )
    totp_required: str = Field(
        "", description="Roles, by commas, that need a code at sign-in, as in `admin,editor`."
    )
    oidc_providers: str = Field(
        "", description="Names, by commas, of providers that people may sign in with; see below."
    )
    oidc_register: bool = Field(
        True, description="Whether signing in with a provider may open a new account."
    )
    oidc: tuple[Provider, ...] = Field((), description="Drawn from the variables of each provider.")
    server_timing: bool = Field(
        False,
        description="Tell anybody, in a header, where the time of an answer went: for measuring "
        "only. Administrators are told in any case.",
    )
    check_links: bool = Field(
        True, description="Look now and then whether the links of the library lead somewhere."
    )
    pdf_font: str = Field(
        "",
        description="A font file for receipts and certificates in scripts that the built-in font "
        "does not have, such as Chinese.",
    )
    embeddings: str = Field(
        "",
        description="Folder with a model that turns texts into vectors, for matching by more than "
        "words; needs `reviewhub[embeddings]` in the worker, see operating.md.",
    )
    testing: bool = Field(False, description="Set by the test suite only.")

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read the environment; `given` wins. Raises pydantic.ValidationError with a sentence."""
        for name in SECRETS:
            path = os.environ.get(f"{name}_FILE")
            if path and name not in os.environ:
                given.setdefault(name.lower(), Path(path).read_text(encoding="utf-8").strip())
        for name, field in cls.model_fields.items():
            if (variable := variable_of(name, field.validation_alias)) in os.environ:
                given.setdefault(name, os.environ[variable])
        return cls(**given)

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.database_url:
            path = (self.var / "reviewhub.db").resolve()
            object.__setattr__(self, "database_url", f"sqlite:///{path}")
        if self.database_url.startswith(("postgres://", "postgresql://")):
            url = "postgresql+psycopg://" + self.database_url.split("://", 1)[1]
            object.__setattr__(self, "database_url", url)
        if self.check_host is None:
            object.__setattr__(self, "check_host", not (self.demo or self.testing))
        if not self.secret_key:
            object.__setattr__(self, "secret_key", self._kept_secret())
        if len(self.secret_key) < 32:
            raise ValueError("SECRET_KEY must have at least 32 characters")
        if self.oidc_providers and not self.oidc:
            named = providers.read(self.oidc_providers, os.environ)
            object.__setattr__(self, "oidc", named)
        return self

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that signs, and after it the former ones, which only open."""
        former = (key.strip() for key in self.secret_key_fallbacks.split(","))
        return (self.secret_key, *(key for key in former if key))

    def _kept_secret(self) -> str:
        """The key that `run` keeps in var/; production sets SECRET_KEY and never comes here."""
        path = self.var / "secret_key"
        if not path.exists():
            if not (self.demo or self.testing):
                raise ValueError("SECRET_KEY is not set: give one of at least 32 characters")
            self.var.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8").strip()


_current: Settings | None = None


def use(settings: Settings) -> None:
    """Make `settings` those of this process; called once by create_app."""
    global _current  # one application per process
    _current = settings


def current() -> Settings:
    """The settings of this process. Raises RuntimeError before create_app has run."""
    if _current is None:
        raise RuntimeError("create_app has not run yet")
    return _current
