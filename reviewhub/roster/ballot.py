"""The form on which a roster manager assesses an application, made of the hub's criteria."""

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from reviewhub.core.i18n import _, _l
from reviewhub.roster.assessments import Assessment, Vote
from reviewhub.roster.criteria import Criterion, criteria
from reviewhub.roster.words import MARK_LABELS, VOTE_LABELS
from reviewhub.web.forms import Form, text


class Ballot(Form):
    """Marks by criterion, a note and a vote; the marks are added by `ballot`."""

    asked: tuple[Criterion, ...] = ()

    def marks(self) -> dict[str, str]:
        """What was marked, by the criterion's code."""
        return {one.code: self[f"mark_{one.code}"].data or "" for one in self.asked}


def ballot(own: Assessment | None) -> Ballot:
    """The form, with what this person has said before."""
    asked = tuple(criteria())
    fields: dict[str, Any] = {f"mark_{one.code}": _mark(one) for one in asked}
    fields["vote"] = RadioField(
        _l("Your vote"),
        choices=[SelectChoice(vote.value, str(label)) for vote, label in VOTE_LABELS.items()],
        validators=[InputRequired(_l("Choose one of the three."))],
    )
    fields["note"] = text(_l("Note for your colleagues"), most=2000)
    kind: type[Ballot] = type("AskedBallot", (Ballot,), {**fields, "asked": asked})
    return kind(data=_said(own))


def _mark(criterion: Criterion) -> RadioField:
    return RadioField(
        criterion.label.text,
        choices=[SelectChoice(mark.value, str(label)) for mark, label in MARK_LABELS.items()],
        validators=[InputRequired(_("Choose one of the three."))],
    )


def _said(own: Assessment | None) -> Mapping[str, Any]:
    if own is None:
        return {}
    marks = {f"mark_{code}": mark for code, mark in own.marks.items()}
    vote = "" if own.vote is Vote.MORE_INFORMATION else own.vote.value
    return {**marks, "note": own.note, "vote": vote}
