"""What applicants, members and roster managers may send."""

from collections.abc import Iterable, Mapping
from typing import Any

import wtforms
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import (
    URL,
    Email,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from reviewhub.core.i18n import _, _l, get_locale
from reviewhub.roster.answers import (
    BACKGROUND_LABELS,
    GENDER_LABELS,
    LEVEL_LABELS,
    MOST_TOPICS,
    Answers,
    Profile,
)
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.forms import Form, line, text

Choices = list[tuple[str, str]]
REQUIRED = _l("Please answer this.")
NEEDS_DATE = _l("Choose a day.")


def _terms(vocabulary: str) -> Choices:
    locale = get_locale()
    return [(t.code, t.label(locale).text) for t in catalogue().vocabulary(vocabulary)]


def _topics() -> Choices:
    return [("", "—"), *_terms("topics")]


def _countries() -> Choices:
    locale = get_locale()
    terms = catalogue().sorted_terms("countries", locale)
    return [("", "—"), *((t.code, t.label(locale).text) for t in terms)]


def _kinds() -> Choices:
    hub, locale = catalogue(), get_locale()
    return [
        ("internal", hub.internal_label(locale).text),
        ("external", hub.external_label(locale).text),
    ]


def _reasons() -> Choices:
    hub, locale = catalogue(), get_locale()
    return [
        (one["code"], hub.words(one["labels"], locale).text)
        for one in hub.reasons["application_decline"]
    ]


def _levels() -> Choices:
    return [(str(level), str(label)) for level, label in LEVEL_LABELS.items()]


def _genders() -> Choices:
    return [("", "—"), *((code.value, str(label)) for code, label in GENDER_LABELS.items())]


def _backgrounds() -> Choices:
    return [(code, str(label)) for code, label in BACKGROUND_LABELS.items()]


class TopicLine(wtforms.Form):
    """One topic and how well one knows it; an empty topic leaves the line out."""

    code = SelectField(_l("Topic"), choices=_topics, default="")
    level = SelectField(_l("How well"), choices=_levels, default="2")


class SkillsForm(Form):
    """Languages and topics: what applicants and members both say."""

    languages = SelectMultipleField(
        _l("Languages you read"),
        choices=lambda: _terms("languages"),
        validators=[InputRequired(_l("Choose at least one language."))],
    )
    topics = FieldList(
        FormField(TopicLine), _l("Topics"), min_entries=MOST_TOPICS, max_entries=MOST_TOPICS
    )
    capacity = IntegerField(
        _l("Reviews per half-year"),
        validators=[
            InputRequired(REQUIRED),
            NumberRange(1, 20, _l("Give a number from 1 to 20.")),
        ],
    )
    competing_interests = text(
        _l("Competing interests"),
        least=2,
        most=2000,
        required=True,
        description=_l(
            "Organisations, programmes or publishers whose work you could not judge freely. "
            "“None” is an answer."
        ),
    )

    def validate_topics(self, field: FieldList) -> None:
        """At least one topic, and none twice."""
        chosen = [entry.form.code.data for entry in field.entries if entry.form.code.data]
        if not chosen:
            raise ValidationError(_("Choose at least one."))
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("One of them is chosen twice."))

    def levels(self) -> dict[str, int]:
        """Topic codes and levels, in the order of the lines."""
        lines = [entry.form for entry in self.topics.entries]
        return {line.code.data: int(line.level.data) for line in lines if line.code.data}


class ApplyForm(SkillsForm):
    """The ten questions."""

    ASKED_FIRST = (
        "name", "email", "organisation_name", "kind", "country", "languages", "topics",
        "years_experience", "statement", "cv_file", "cv_url",
    )  # fmt: skip

    name = line(_l("Your name"), least=2, most=200, required=True)
    email = EmailField(
        _l("E-mail address"),
        default="",
        validators=[
            InputRequired(_l("Enter your e-mail address.")),
            Email(_l("This does not look like an e-mail address.")),
            Length(max=254),
        ],
    )
    organisation_name = line(_l("Organisation"), least=2, most=200, required=True)
    kind = RadioField(
        _l("Your organisation is"), choices=_kinds, validators=[InputRequired(REQUIRED)]
    )
    country = SelectField(
        _l("Country you work in"),
        choices=_countries,
        default="",
        validators=[InputRequired(_l("Choose a country."))],
    )
    years_experience = IntegerField(
        _l("Years of experience in these fields"),
        validators=[
            InputRequired(REQUIRED),
            NumberRange(0, 60, _l("Give a number from 0 to 60.")),
        ],
    )
    statement = text(
        _l("What you would bring, in a few sentences"), least=50, most=1500, required=True
    )
    cv_file = FileField(
        _l("Your CV as a file"),
        description=_l("PDF, DOCX or ODT, 5 MB at most. Or give a link below."),
    )
    cv_url = line(
        _l("Or a link to your CV or profile"),
        most=1000,
        validators=[URL(message=_l("A link begins with https:// or http://."))],
    )
    accept_terms = BooleanField(
        _l("I accept the terms beside this form."),
        validators=[InputRequired(_l("Without this we can't take your application."))],
    )
    consent_data = BooleanField(
        _l("My answers may be kept and read by the people who run the roster."),
        validators=[InputRequired(_l("Without this we can't take your application."))],
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # In the order of the page, so that the list of errors reads from top to bottom.
        fields: dict[str, Any] = vars(self)["_fields"]
        self._fields = {**{name: fields[name] for name in self.ASKED_FIRST}, **fields}

    def validate_cv_url(self, field: Any) -> None:
        """Only addresses that a browser opens as a page."""
        if not field.data.lower().startswith(("https://", "http://")):
            raise ValidationError(_("A link begins with https:// or http://."))

    def answers(self, cv: Mapping[str, Any]) -> Answers:
        """The answers as the operation takes them."""
        return Answers(
            name=self.name.data,
            organisation_name=self.organisation_name.data,
            internal=self.kind.data == "internal",
            country=self.country.data,
            languages=tuple(self.languages.data),
            topics=self.levels(),
            years_experience=self.years_experience.data,
            statement=self.statement.data,
            competing_interests=self.competing_interests.data,
            capacity=self.capacity.data,
            cv=cv,
        )


class ProfileForm(SkillsForm):
    """What a member can change of what they said."""

    regions = SelectMultipleField(
        _l("Regions you know"), choices=lambda: _terms("regions"), validators=[Optional()]
    )
    themes = SelectMultipleField(
        _l("Themes you know"), choices=lambda: _terms("themes"), validators=[Optional()]
    )
    backgrounds = SelectMultipleField(
        _l("Your background"), choices=_backgrounds, validators=[Optional()]
    )
    government = SelectField(
        _l("Works for the government of"),
        choices=_countries,
        default="",
        validators=[Optional()],
        description=_l("Only for civil servants: they never judge what their government sends."),
    )
    gender = SelectField(
        _l("Gender"),
        choices=_genders,
        default="",
        validators=[Optional()],
        description=_l(
            "If you like. Nobody else sees your answer: the roster managers see shares of the "
            "whole roster, and none of fewer than five members."
        ),
    )
    kind = RadioField(_l("Counts as"), choices=_kinds, validators=[InputRequired(REQUIRED)])

    def profile(self) -> Profile:
        """The profile as the operation takes it."""
        return Profile(
            languages=tuple(self.languages.data),
            topics=self.levels(),
            regions=tuple(self.regions.data),
            themes=tuple(self.themes.data),
            backgrounds=tuple(self.backgrounds.data),
            capacity=self.capacity.data,
            competing_interests=self.competing_interests.data,
            government=self.government.data or "",
            internal=self.kind.data == "internal" if "kind" in self else None,
            gender=self.gender.data if "gender" in self else None,
        )


class AskForm(Form):
    """A question to the applicant."""

    question = text(_l("Your question"), least=10, most=2000, required=True)
    until = DateField(_l("Answer by"), validators=[InputRequired(NEEDS_DATE)])


class AnswerForm(Form):
    """The applicant's answer."""

    answer = text(_l("Your answer"), least=2, most=4000, required=True)


class ApproveForm(Form):
    """Onto the roster."""

    kind = RadioField(
        _l("Fills the places for reviewers who are"),
        choices=_kinds,
        validators=[InputRequired(REQUIRED)],
    )
    government = SelectField(
        _l("Works for the government of"),
        choices=_countries,
        default="",
        validators=[Optional()],
        description=_l("Only for civil servants: they never judge what their government sends."),
    )
    note = text(_l("A word of welcome"), most=2000)


class DeclineForm(Form):
    """Not now, and why."""

    reason = RadioField(_l("Reason"), choices=_reasons, validators=[InputRequired(REQUIRED)])
    note = text(
        _l("To the applicant"),
        most=2000,
        description=_l(
            "Goes into the mail as it stands: what would make a later application work."
        ),
    )
    may_reapply_on = DateField(_l("May apply again from"), validators=[InputRequired(NEEDS_DATE)])


class PauseForm(Form):
    """From one day to another, both included."""

    first = DateField(_l("First day"), validators=[InputRequired(NEEDS_DATE)])
    last = DateField(
        _l("Last day"),
        validators=[Optional()],
        description=_l(
            "Leave it empty to pause until you resume. Days that touch a pause extend it."
        ),
    )


class EndForm(Form):
    """The end of a membership."""

    note = text(_l("Reason, for the history"), most=1000)


def topic_lines(topics: Iterable[tuple[str, int]]) -> list[dict[str, str]]:
    """Topics and levels as the lines of a form."""
    return [{"code": code, "level": str(level)} for code, level in topics]


class ImportForm(Form):
    """A list of people as a file."""

    file = FileField(
        _l("The list"),
        description=_l("A .csv or .xlsx file, 5 MB and 5,000 rows at most."),
    )


class AcceptInvitationForm(Form):
    """A yes to an invitation, with what nobody can say for somebody else."""

    competing_interests = text(
        _l("Competing interests"),
        least=2,
        most=2000,
        required=True,
        description=_l(
            "Organisations, programmes or publishers whose work you could not judge freely. "
            "“None” is an answer."
        ),
    )
    accept_terms = BooleanField(
        _l("I want to be on the roster. What is noted above is right, or I correct it myself."),
        validators=[InputRequired(_l("Without this you are not on the roster."))],
    )
    consent_data = BooleanField(
        _l("My answers may be kept and read by the people who run the roster."),
        validators=[InputRequired(_l("Without this you are not on the roster."))],
    )
