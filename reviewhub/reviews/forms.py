"""What editors, submitters and reviewers may send."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import get_locale
from wtforms import HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from reviewhub.core.i18n import _l
from reviewhub.reviews.form import Criterion, Questions
from reviewhub.taxonomy.catalogue import Catalogue
from reviewhub.web.forms import Form, text


class StepForm(Form):
    """A verb with nothing to say; `version` is what the person saw."""

    version = HiddenField(default="")


class NoteForm(StepForm):
    """A verb with a reason."""

    note = text(_l("Reason"), most=2000)


class ApproveForm(StepForm):
    """An approval, with a word to the submitter where there is one."""

    note = text(_l("A word to the submitter"), most=5000)


class ChangesForm(StepForm):
    """What the submitter has to change."""

    wanted = text(_l("What has to change?"), most=5000, least=10, required=True)


class AppealForm(StepForm):
    """Why somebody should look again."""

    note = text(_l("What was overlooked?"), most=2000, least=30, required=True)


class RejectForm(StepForm):
    """A reason of the hub's list, and a sentence to the submitter."""

    reason = SelectField(_l("Reason"), validators=[InputRequired(_l("Please choose a reason."))])
    note = text(_l("A sentence to the submitter"), most=5000)


class DeclineForm(Form):
    """A reviewer says no."""

    reason = RadioField(_l("Reason"), validators=[InputRequired(_l("Please choose a reason."))])
    note = text(_l("Anything you would like to add"), most=1000)


class RecuseForm(Form):
    """A reviewer has a conflict."""

    note = text(_l("What is the conflict?"), most=1000)


class ExtendForm(Form):
    """More days."""

    days = IntegerField(
        _l("How many more days?"),
        default=7,
        validators=[InputRequired(_l("Please give a number of days.")), NumberRange(min=1, max=60)],
    )


def reasons(hub: Catalogue, kind: str) -> list[tuple[str, str]]:
    """The hub's reasons of one kind, as choices."""
    return [(one["code"], hub.words(one["labels"], get_locale()).text) for one in hub.reasons[kind]]


def review_form(asked: Questions, hub: Catalogue) -> type[Form]:
    """The form class for one submission's questions; answers may be missing in a draft.

    Whether they are complete is decided by `form.check_answers`, which the API obeys too.
    """
    fields: dict[str, Any] = {}
    for gate in asked.gates:
        fields[f"gate_{gate['code']}"] = _radio(
            _words(hub, gate), [(answer, _ANSWERS[answer]) for answer in gate["answers"]]
        )
    for criterion in asked.criteria:
        fields[f"score_{criterion.code}"] = _radio(
            _words(hub, criterion.entry), _scores(hub, criterion), required=criterion.required
        )
    fields["recommendation"] = _radio(
        _l("What do you recommend?"), _coded(hub, asked.recommendations, "code")
    )
    fields["comment_to_submitter"] = text(
        _l("Comment to the submitter"), most=asked.most_comment, render_kw={"required": True}
    )
    fields["comment_to_editor"] = text(_l("Confidential comment to the editor"), most=5000)
    fields["confidence"] = _radio(
        _l("How sure are you?"), _coded(hub, asked.confidence, "value"), required=False
    )
    return type("ReviewForm", (Form,), fields)


_ANSWERS = {"yes": _l("yes"), "no": _l("no"), "unsure": _l("not sure")}


def _words(hub: Catalogue, entry: Mapping[str, Any]) -> str:
    return hub.words(entry["labels"], get_locale()).text


def _coded(hub: Catalogue, entries: Iterable[Mapping[str, Any]], key: str) -> list[tuple[str, str]]:
    return [(str(entry[key]), _words(hub, entry)) for entry in entries]


def _scores(hub: Catalogue, criterion: Criterion) -> list[tuple[str, str]]:
    anchors = criterion.entry["anchors"]
    choices = [
        (value, f"{value} – {hub.words(anchors[value], get_locale())}")
        for value in criterion.choices
        if value in anchors
    ]
    if criterion.may_not_apply:
        choices.append(("na", str(_l("does not apply"))))
    return choices


def _radio(label: object, choices: list[Any], *, required: bool = True) -> RadioField:
    return RadioField(
        label,
        choices=lambda: choices,
        default="",
        validators=[Optional()],
        validate_choice=False,
        render_kw={"data-required": "1"} if required else {},
    )
