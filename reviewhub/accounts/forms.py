"""What people may send about themselves."""

from wtforms import EmailField, PasswordField
from wtforms.validators import Email, InputRequired, Length

from reviewhub.core.i18n import _l
from reviewhub.web.forms import Form


class ActionForm(Form):
    """A button and nothing else."""


class SignInForm(Form):
    """Address and password."""

    email = EmailField(
        _l("E-mail address"),
        default="",
        validators=[
            InputRequired(_l("Enter your e-mail address.")),
            Email(_l("This does not look like an e-mail address.")),
            Length(max=254),
        ],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _l("Password"),
        default="",
        validators=[InputRequired(_l("Enter your password.")), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
