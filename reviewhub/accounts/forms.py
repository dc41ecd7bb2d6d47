"""What people may send about themselves."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from wtforms import DateField, EmailField, PasswordField, RadioField, SelectField
from wtforms.validators import Email, InputRequired, Length, Optional

from reviewhub.accounts import locales
from reviewhub.accounts.operations import Profile
from reviewhub.accounts.passwords import LONGEST
from reviewhub.core.i18n import _l
from reviewhub.notifications.kinds import HOW_LABELS, KINDS, YES_OR_NO, How, Kind
from reviewhub.web.forms import Form, line


class ActionForm(Form):
    """A button and nothing else."""


def _address() -> EmailField:
    return EmailField(
        _l("E-mail address"),
        default="",
        validators=[
            InputRequired(_l("Enter your e-mail address.")),
            Email(_l("This does not look like an e-mail address.")),
            Length(max=254),
        ],
        render_kw={"autocomplete": "username"},
    )


def _password(label: str, *, new: bool = False) -> PasswordField:
    return PasswordField(
        label,
        default="",
        validators=[InputRequired(_l("Enter your password.")), Length(max=LONGEST)],
        render_kw={"autocomplete": "new-password" if new else "current-password"},
    )


class SignInForm(Form):
    """Address and password."""

    email = _address()
    password = _password(_l("Password"))


class RegisterForm(Form):
    """Who wants an account."""

    name = line(_l("Your name"), most=200, required=True, render_kw={"autocomplete": "name"})
    email = _address()


class AddressForm(Form):
    """The right address of somebody whom mail does not reach."""

    email = _address()


class ResetForm(Form):
    """Whose password is to be set anew."""

    email = _address()


class ChoosePasswordForm(Form):
    """A new password, by the link from a mail."""

    password = _password(_l("New password"), new=True)


class ChangePasswordForm(Form):
    """Another password, by whoever knows the present one."""

    old = _password(_l("Present password"))
    new = _password(_l("New password"), new=True)


class ProfileForm(Form):
    """What others see of a person, and how the hub speaks to them."""

    name = line(_l("Your name"), most=200, required=True, render_kw={"autocomplete": "name"})
    organisation = line(
        _l("Organisation"), least=2, most=200, render_kw={"autocomplete": "organization"}
    )
    locale = SelectField(_l("Language of pages and mails"))
    timezone = SelectField(_l("Time zone"), choices=sorted(available_timezones()))
    away_until = DateField(_l("Away until"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locale.choices = [(code, locales.autonym(code)) for code in locales.offered()]

    def profile(self) -> Profile:
        """What was entered, as a value."""
        return Profile(
            name=self.name.data,
            organisation=self.organisation.data,
            locale=self.locale.data,
            timezone=self.timezone.data,
            away_until=self.away_until.data,
        )


def _kind(kind: Kind) -> RadioField:
    return RadioField(KINDS[kind].label, description=KINDS[kind].hint)


class MailChoicesForm(Form):
    """How each kind of mail comes, to whom such mails can come at all."""

    outcomes = _kind(Kind.OUTCOMES)
    library = _kind(Kind.LIBRARY)
    arrivals = _kind(Kind.ARRIVALS)
    desk = _kind(Kind.DESK)
    weekly = _kind(Kind.WEEKLY)
    timezone = SelectField(_l("Time zone"), choices=sorted(available_timezones()))
    locale = SelectField(_l("Language of pages and mails"))

    def __init__(self, kinds: Sequence[Kind], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locale.choices = [(code, locales.autonym(code)) for code in locales.offered()]
        self._kinds = kinds
        for kind, words in KINDS.items():
            if kind in kinds:
                labels = HOW_LABELS if How.DIGEST in words.choices else YES_OR_NO
                shown = [(how.value, labels[how]) for how in words.choices]
                self[kind.value].choices = shown
            else:
                del self[kind.value]

    def choices(self) -> dict[Kind, How]:
        """What was chosen for each kind that was shown."""
        return {kind: How(self[kind.value].data) for kind in self._kinds}


class CodeForm(Form):
    """A code of the second factor, or a recovery code."""

    code = line(
        _l("Code"),
        most=40,
        required=True,
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )
