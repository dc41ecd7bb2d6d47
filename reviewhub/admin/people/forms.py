"""What is asked before people are merged or erased: that somebody means it."""

from wtforms import BooleanField, PasswordField
from wtforms.validators import InputRequired, Length, Optional

from reviewhub.accounts.passwords import LONGEST
from reviewhub.core.i18n import _l
from reviewhub.web.forms import Form, line, text


class PlanErasureForm(Form):
    """The person's own wish, with the password once more; without one, with the address."""

    password = PasswordField(
        _l("Your password"),
        default="",
        validators=[Optional(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    email = line(_l("Your e-mail address, to be sure"), most=254)
    understood = BooleanField(
        _l("I understand that this can’t be undone after the seven days."),
        validators=[InputRequired(_l("Please say that you mean it."))],
    )


class EraseForm(Form):
    """An administrator's, on behalf of somebody who asked by another way."""

    note = text(
        _l("Who asked for it, and how"),
        least=5,
        most=500,
        required=True,
        description=_l("For the history. No name and no address: they would outlast the rest."),
    )
    understood = BooleanField(
        _l("This can’t be undone."),
        validators=[InputRequired(_l("Please say that you mean it."))],
    )


class MergeForm(Form):
    """Two accounts of one person."""

    understood = BooleanField(
        _l("Both are the same person. This can’t be undone."),
        validators=[InputRequired(_l("Please say that you mean it."))],
    )
