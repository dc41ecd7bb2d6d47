"""Looking up a link for whoever suggests it: two buttons of the form, beside "Save".

What was found is shown as what it is, a proposal; only what is still empty is ever filled in.
"""

from typing import Any

from flask import flash, request

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.submissions import readings
from reviewhub.submissions.models import Submission
from reviewhub.submissions.views.loading import holder
from reviewhub.submissions.words import FIELDS


def serve(submission: Submission) -> bool:
    """Do what one of the two buttons asks for, once the form is kept; whether one was pressed."""
    then = request.form.get("then")
    if then == "look_up":
        _look_up(submission)
    elif then == "take_over":
        filled = readings.take_over(submission, by=holder(submission))
        flash(_("Filled in. Please check it.") if filled else _("There was nothing to fill in."))
    else:
        return False
    return True


def _look_up(submission: Submission) -> None:
    try:
        readings.look_up(submission, by=holder(submission))
    except InvalidInput as error:
        flash(str(error), "error")


def shown(submission: Submission | None) -> dict[str, Any]:
    """What the form's page needs to show of it."""
    return {"reading": readings.reading_of(submission), "field_labels": FIELDS}
