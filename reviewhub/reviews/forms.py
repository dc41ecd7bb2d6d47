"""What editors, submitters and reviewers may send."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    SubmitField,
)
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from reviewhub.accounts.models import Person
from reviewhub.core.i18n import _, _l
from reviewhub.reviews.form import Criterion, Questions
from reviewhub.reviews.letters import Draft, Source
from reviewhub.reviews.policy_words import CHOICES, RULES, seats_label
from reviewhub.reviews.rules import Rules
from reviewhub.reviews.workflow import Slot
from reviewhub.taxonomy.catalogue import Catalogue
from reviewhub.taxonomy.policies import MOST_AT_ONCE
from reviewhub.web.forms import Form, text

SEATS = ("internal", "external", "any")
SAMPLE = Rules.estimate_sample


def _number(rule: str, least: int = 0, most: int = 365) -> IntegerField:
    return IntegerField(
        RULES.get(rule, ""),
        validators=[
            InputRequired(_l("Please give a number.")),
            NumberRange(least, most, _l("Please give a number from %(min)d to %(max)d.")),
        ],
    )


def _choice(rule: str) -> SelectField:
    offered = CHOICES[rule].items()
    return SelectField(
        RULES[rule], choices=[SelectChoice(str(value), label) for value, label in offered]
    )


class HiddenIntegerField(IntegerField):
    """A number that the page itself gives."""

    widget = HiddenInput()


class StepForm(Form):
    """A verb with nothing to say; `version` is what the person saw."""

    version = HiddenField(default="")


class NoteForm(StepForm):
    """A verb with a reason."""

    note = text(_l("Reason"), most=2000)


class ReasonForm(StepForm):
    """A verb that nobody uses without saying why."""

    note = text(_l("Reason"), most=2000, required=True)


TALL = {"rows": 12}  # so that a letter is read without scrolling


class LetterForm(StepForm):
    """A letter to the submitter, and whose comments go with it. `letter` names the text's field."""

    letter = "note"
    # What may be chosen is for the operation to say, which the API obeys too.
    release = SelectMultipleField(
        _l("Send the reviewers’ own words along"), coerce=int, validate_choice=False
    )
    second = SelectField(_l("Who confirms it"), coerce=int, default=0, validate_choice=False)

    def offer(self, draft: Draft, names: Mapping[int, str], seconds: Sequence[Person]) -> None:
        """Whose comments can be released, and who could confirm; the page shows what there is."""
        self.release.choices = [
            SelectChoice(one.assignment_id, _whose(one, names.get(one.person_id, "")))
            for one in draft.sources
            if one.comment
        ]
        self.second.choices = [SelectChoice(one.id, one.shown_name) for one in seconds] or [
            SelectChoice(0, "")
        ]

    @property
    def text(self) -> Field:
        """The field of the letter."""
        return self[self.letter]


def _whose(source: Source, name: str) -> str:
    """On the desk a number has its name beside it, where names are not shown to submitters."""
    return source.who if not name or name == source.who else f"{source.who} · {name}"


class ApproveForm(LetterForm):
    """An approval, with a letter to the submitter."""

    note = text(_l("Letter to the submitter"), most=5000, render_kw=TALL)


class ChangesForm(LetterForm):
    """What the submitter has to change."""

    letter = "wanted"
    wanted = text(
        _l("What has to change?"), most=5000, least=10, required=True, render_kw=TALL
    )  # fmt: skip


class SignOffForm(Form):
    """A second person's step, on what they looked at."""

    sign_off = HiddenIntegerField()


class SendBackForm(SignOffForm):
    """Why a decision is not confirmed."""

    note = text(_l("Why not?"), most=2000, required=True)


class AppealForm(StepForm):
    """Why somebody should look again."""

    note = text(_l("What was overlooked?"), most=2000, least=30, required=True)


class RejectForm(LetterForm):
    """A reason of the hub's list, and a sentence to the submitter."""

    reason = SelectField(_l("Reason"), validators=[InputRequired(_l("Please choose a reason."))])
    note = text(_l("Letter to the submitter"), most=5000, render_kw=TALL)


class PolicyForm(Form):
    """The rules that most hubs change. Sent once it shows what would differ, then it is meant."""

    internal = _number("", most=5)
    external = _number("", most=5)
    any = _number("", most=5)
    screening = _choice("screening")
    trusted_after = _number("trusted_after", least=1, most=100)
    tie_breakers = _number("tie_breakers", most=2)
    invitation_reminder_working_days = _number("invitation_reminder_working_days", 1, 60)
    invitation_expiry_working_days = _number("invitation_expiry_working_days", 1, 60)
    parallel_invitations = _number("parallel_invitations", 1, MOST_AT_ONCE)
    review_days = _number("review_days", 1, 180)
    extension_days = _number("extension_days", most=180)
    anonymity = _choice("anonymity")
    reviewers_see_each_other = BooleanField(RULES["reviewers_see_each_other"])
    published = _choice("published")
    on_include = _choice("on_include")
    on_exclude = _choice("on_exclude")
    on_approval = _choice("on_approval")
    second_sign_off = BooleanField(RULES["second_sign_off"])
    decision_days = _number("decision_days", 1, 180)
    mail_hold_minutes = _number("mail_hold_minutes", most=1440)
    changes_days = _number("changes_days", 1, 365)
    appeal_days = _number("appeal_days", 1, 365)
    estimate_sample = _number("estimate_sample", 5, 500)  # fewer would tell of single items
    confirmed = SubmitField(_l("Adopt these rules"))
    seen = HiddenField(default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in SEATS:
            self[kind].label.text = seats_label(kind)

    @staticmethod
    def values(rules: Mapping[str, Any]) -> dict[str, Any]:
        """The rules as the form holds them."""
        seats = {kind: rules["slots"].get(kind, 0) for kind in SEATS}
        return {"trusted_after": 3, "estimate_sample": SAMPLE, **rules, **seats}

    def changes(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        """The answers as rules; kinds of seats that the policy never had stay out."""
        found = {name: self[name].data for name in RULES}
        if not found["second_sign_off"] and "second_sign_off" not in rules:
            del found["second_sign_off"]  # what was never said is off
        if "estimate_sample" not in rules and found["estimate_sample"] == SAMPLE:
            del found["estimate_sample"]  # likewise
        seats = {kind: self[kind].data or 0 for kind in SEATS}
        kept = rules["slots"]
        return {**found, "slots": {k: n for k, n in seats.items() if n or k in kept}}

    def show(self, wanted: Sequence[tuple[str, str, str]]) -> None:
        """Remember which differences this person sees on the page."""
        self.seen.data = _digest(wanted)

    def confirms(self, wanted: Sequence[tuple[str, str, str]]) -> bool:
        """Whether these differences were seen, and then meant."""
        return bool(wanted and self.confirmed.data) and self.seen.data == _digest(wanted)

    def validate_invitation_expiry_working_days(self, field: Field) -> None:
        """An invitation is recalled before it is given to somebody else."""
        reminder = self.invitation_reminder_working_days.data
        if field.data is not None and reminder is not None and field.data <= reminder:
            raise ValidationError(_("This has to come after the reminder."))


def _digest(wanted: Sequence[tuple[str, str, str]]) -> str:
    return hashlib.sha256(repr(list(wanted)).encode()).hexdigest()


class DeclineForm(Form):
    """A reviewer says no."""

    reason = RadioField(_l("Reason"), validators=[InputRequired(_l("Please choose a reason."))])
    note = text(_l("Anything you would like to add"), most=1000)


class PersonForm(Form):
    """Somebody of the list, by number."""

    person_id = HiddenIntegerField()


class AskForm(PersonForm):
    """Whom to ask first, for which seat, and why where a rule speaks against it."""

    slot = HiddenField(default=Slot.EXTERNAL.value, validators=[AnyOf([*Slot])])
    note = text(_l("Why may the rule be overruled?"), most=1000)


class SeatNoteForm(StepForm):
    """A step on one seat, with a word for the history."""

    note = text(_l("A word for the history"), most=1000)


class ReturnForm(StepForm):
    """What a reviewer should make clearer."""

    note = text(_l("What is unclear?"), most=2000, least=10, required=True)


class LetGoForm(StepForm):
    """Why somebody leaves the panel; only the history shows it."""

    note = text(_l("Why, for the history"), most=1000, required=True)


class RaiseForm(Form):
    """A reviewer's question."""

    question = text(_l("Your question"), least=10, most=2000, required=True)


class ForwardForm(Form):
    """The same, in the editor's words."""

    question = text(_l("What the submitter is asked"), least=10, most=2000, required=True)


class ReplyForm(Form):
    """What the panel is told."""

    reply = text(_l("The answer, as the panel reads it"), most=5000, required=True)


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


class MoreTimeForm(ExtendForm):
    """More days, and why, where an editor has to decide."""

    note = text(_l("Why, for the editor"), most=1000)


def _received() -> DateField:
    return DateField(
        _l("The day on which it came"),
        validators=[InputRequired(_l("Please give the day on which it came."))],
        render_kw={"required": True},
    )


class RecordForm(Form):
    """What a reviewer answered to the invitation, in a mail."""

    answer = RadioField(
        _l("What do they say?"),
        choices=[
            SelectChoice("accept", _l("They can")),
            SelectChoice("decline", _l("They can’t")),
        ],
        validators=[InputRequired(_l("Please choose an answer."))],
    )
    no_conflict = BooleanField(_l("They say that they have no conflict of interest"))
    reason = SelectField(_l("If they can’t: the reason"), choices=[], validate_choice=False)
    note = text(_l("Their words, for the history"), most=1000)
    received_on = _received()


def reasons(hub: Catalogue, kind: str) -> list[tuple[str, str]]:
    """The hub's reasons of one kind, as choices."""
    return [(one["code"], hub.words(one["labels"], get_locale()).text) for one in hub.reasons[kind]]


def recorded_review_form(asked: Questions, hub: Catalogue) -> type[Form]:
    """The same form, for a review that came by mail."""
    return type("RecordedReviewForm", (review_form(asked, hub),), {"received_on": _received()})


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
