"""What people may send about a submission: the suggestion, the editor's corrections, the steps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from babel import Locale
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, _l, get_locale
from reviewhub.submissions.answers import DESCRIPTION, LONGEST_PUBLISHER, TITLE, WHY_USEFUL, Answers
from reviewhub.submissions.dates import clean_date
from reviewhub.submissions.models import Breadth, Licence, Relation, Scope
from reviewhub.submissions.operations.messages import ANSWER, QUESTION
from reviewhub.submissions.operations.refiling import LONGEST_TITLE, Refiling
from reviewhub.submissions.operations.screening import SENTENCE
from reviewhub.submissions.operations.uploads import LONGEST_NAME
from reviewhub.submissions.urls import LONGEST, clean_url
from reviewhub.submissions.words import BREADTHS, FIELDS, LICENCES, PLAIN, RELATIONS, SCOPES
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.forms import Form, line, text
from reviewhub.web.templating import upper_first

UNSURE = "unsure"
Choices = tuple[tuple[str, str], ...]
# The questions that nobody has to answer, in their order on the page.
ALWAYS_SENT = ("url", "title", "language", "why_useful", "main_topic", "email", "name")
DETAIL = (
    "description", "publisher", "published_on", "section", "document_type", "authors", "topics",
    "scope", "regions", "countries", "relation", "organisation", "country", "for_government",
)  # fmt: skip


def _email(label: object) -> EmailField:
    return EmailField(
        label,
        default="",
        validators=[
            InputRequired(_l("Please give an address: we write to it once, to confirm.")),
            Email(_l("This does not look like an e-mail address.")),
            Length(max=254),
        ],
    )


def _holds(check: Callable[[str], str]) -> Callable[[Form, Field], None]:
    """What the domain says of an answer, beside the other mistakes and not only after them."""

    def validate(form: Form, field: Field) -> None:
        try:
            check(field.data)
        except InvalidInput as error:
            raise ValidationError(str(error)) from error

    return validate


class ResourceForm(Form):
    """What describes a resource, shared by everybody who describes one."""

    url = line(_l("Link"), most=LONGEST, validators=[_holds(clean_url)])
    title = line(_l("Title, as published"), most=TITLE[1], least=TITLE[0], required=True)
    language = SelectField(
        _l("Language"), validators=[InputRequired(_l("Please choose the language."))]
    )
    why_useful = text(
        _l("Why is it useful?"), most=WHY_USEFUL[1], least=WHY_USEFUL[0], required=True
    )
    main_topic = SelectField(_l("Topic"), validators=[InputRequired(_l("Please choose one."))])
    publisher = line(
        FIELDS["publisher"],
        most=LONGEST_PUBLISHER,
        description=_l("The organisation that published it."),
        render_kw={"list": "publishers"},
    )
    published_on = line(
        FIELDS["published_on"],
        most=40,
        description=_l("A year, a month or a day: 2024, 2024-05 or 2024-05-31."),
        validators=[_holds(clean_date)],
    )
    section = SelectField(_l("Section"), validators=[Optional()])
    document_type = SelectField(_l("Type of document"), validators=[Optional()])
    description = text(
        FIELDS["description"],
        most=DESCRIPTION[1],
        least=DESCRIPTION[0],
        description=_l("What it is and covers, in its own language. Spell out abbreviations."),
    )
    authors = text(FIELDS["authors"], most=3100, description=_l("One a line."))
    topics = SelectMultipleField(_l("Further topics"), validators=[Optional()])
    scope = RadioField(_l("What part of the world is it about?"), validators=[Optional()])
    regions = SelectMultipleField(_l("Regions"), validators=[Optional()])
    countries = SelectMultipleField(_l("Countries"), validators=[Optional()])
    relation = RadioField(_l("What have you to do with it?"), validators=[Optional()])
    detail = HiddenField(default="")  # whether the page that sends it shows the further questions

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hub, locale = catalogue(), get_locale()
        one = hub.topic_label(locale).text
        self.main_topic.label.text = _("Main %(topic)s", topic=one)
        self.topics.label.text = _(
            "Further %(topics)s", topics=hub.topic_label(locale, plural=True).text
        )
        topics = terms("topics")
        self.main_topic.choices = [("", _("Choose")), *topics, (UNSURE, _("I am not sure"))]
        self.topics.choices = topics
        self.language.choices = [("", _("Choose")), *languages()]
        self.section.choices = [("", _("Not said")), *terms("sections")]
        self.document_type.choices = [("", _("Not said")), *terms("document_types")]
        self.scope.choices = _named(SCOPES)
        self.relation.choices = _named(RELATIONS)
        self.regions.choices = terms("regions")
        self.countries.choices = terms("countries", alphabetical=True)

    def answers(self) -> Answers:
        """What was said, as the operations take it."""
        main = self.main_topic.data
        topics = ([] if main in {"", UNSURE, None} else [main]) + list(self.topics.data or ())
        return Answers(
            url=self.url.data,
            title=self.title.data,
            language=self.language.data or "",
            why_useful=self.why_useful.data if self.why_useful else "",
            topics=tuple(dict.fromkeys(topics)),
            topic_unsure=main == UNSURE,
            **{name: self[name].data for name in PLAIN},
            section=self.section.data or "",
            document_type=self.document_type.data or "",
            description=self.description.data,
            authors=tuple(self.authors.data.splitlines()),
            scope=Scope(self.scope.data) if self.scope.data else None,
            regions=tuple(self.regions.data or ()),
            countries=tuple(self.countries.data or ()),
            relation=Relation(self.relation.data) if self.relation.data else None,
        )

    @property
    def is_blank(self) -> bool:
        """Whether nothing was said yet, the link aside."""
        asked = (self._fields[name] for name in self._fields if name not in {"csrf_token", "url"})
        return not any(field.data or field.errors for field in asked)

    @property
    def shows_detail(self) -> bool:
        """Whether the further questions stand on the page: asked for, answered or to be mended."""
        asked = self.further()
        return bool(self.detail.data) or any(field.data or field.errors for field in asked)

    def further(self) -> list[Field]:
        """The questions that nobody has to answer, in their order."""
        return [self._fields[name] for name in DETAIL if name in self._fields]

    def kept(self) -> dict[str, Any]:
        """Everything in the form as it stands, for the draft."""
        skipped = {"csrf_token", "consent", "version", "detail"}
        return {name: field.data for name, field in self._fields.items() if name not in skipped}


class SuggestForm(ResourceForm):
    """The seven answers, and whatever else somebody likes to say."""

    organisation = line(
        _l("Your organisation"),
        most=200,
        description=_l("We never ask somebody from there to review it."),
    )
    country = SelectField(_l("Your country"), validators=[Optional()])
    for_government = BooleanField(_l("I write on behalf of my country's government"))
    email = _email(_l("Your e-mail address"))
    name = line(_l("Your name"), most=200)
    consent = BooleanField(
        _l("I agree that this is kept and reviewed, and that you write to me about it."),
        validators=[InputRequired(_l("Without your consent we can't take it."))],
    )
    send_anyway = BooleanField(_l("It is something else: send it all the same"))

    def __init__(self, *args: Any, is_guest: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [("", _("Not said")), *terms("countries", alphabetical=True)]
        if not is_guest:
            del self.email
            del self.name

    def answers(self) -> Answers:
        """What was said, the submitter's own circumstances included."""
        return replace(
            super().answers(),
            organisation=self.organisation.data,
            country=self.country.data or "",
            for_government=bool(self.for_government.data),
        )


class ReviseForm(ResourceForm):
    """The same answers once more, with a word on what was changed."""

    note = text(_l("What did you change?"), most=3000, least=2, required=True)


class AttachForm(Form):
    """A file, and nothing that would be lost with it."""

    file = FileField(_l("File"), validators=[FileRequired(_l("Please choose a file."))])


class UploadForm(Form):
    """What a browser says of a file before it sends it piece by piece."""

    name = line(_l("Name"), most=LONGEST_NAME, required=True)
    size = IntegerField(_l("Size"), default=0)
    fingerprint = line(_l("Fingerprint"), most=80, required=True)


class RecordForm(SuggestForm):
    """What an editor enters for somebody who wrote a mail."""

    consent = BooleanField(
        _l("The writer agrees that this is kept and reviewed."),
        validators=[InputRequired(_l("Ask the writer first."))],
    )
    note = text(_l("How it came"), most=2000)


class RefileForm(ResourceForm):
    """An editor's corrections before publication."""

    version = HiddenField(default="")
    title_en = line(_l("Title in English, where it is in another language"), most=LONGEST_TITLE)
    themes = SelectMultipleField(_l("Themes"), validators=[Optional()])
    languages = SelectMultipleField(_l("Available in"), validators=[Optional()])
    breadth = RadioField(_l("How much of its topic does it cover?"), validators=[Optional()])
    licence = RadioField(_l("On what ground may it be listed?"), validators=[Optional()])
    note = text(_l("Why, for the history"), most=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hub, locale = catalogue(), get_locale()
        self.themes.label.text = upper_first(hub.theme_label(locale, plural=True).text)
        self.themes.choices = terms("themes")
        self.languages.choices = terms("languages")
        self.breadth.choices = _named(BREADTHS)
        self.licence.choices = _named(LICENCES)
        del self.why_useful

    def refiling(self) -> Refiling:
        """The corrections, as the operation takes them."""
        return Refiling(
            answers=self.answers(),
            title_en=self.title_en.data,
            themes=tuple(self.themes.data or ()),
            languages=tuple(self.languages.data or ()),
            breadth=Breadth(self.breadth.data) if self.breadth.data else None,
            licence=Licence(self.licence.data) if self.licence.data else None,
        )


class StepForm(Form):
    """A step with a word on why."""

    version = HiddenField(default="")
    note = text(_l("Reason"), most=SENTENCE[1])


class ReasonForm(StepForm):
    """A step that nobody takes without saying why."""

    note = text(_l("Reason"), least=SENTENCE[0], most=SENTENCE[1], required=True)


class AskForm(Form):
    """A question to the submitter."""

    version = HiddenField(default="")
    question = text(_l("Your question"), most=QUESTION[1], least=QUESTION[0], required=True)


class AnswerForm(Form):
    """The submitter's answer to the question with this number."""

    version = HiddenField(default="")
    number = HiddenField(default="")
    answer = text(_l("Your answer"), most=ANSWER[1], required=True)


class RecordAnswerForm(AnswerForm):
    """The same, from a mail, entered by an editor."""

    received_on = DateField(
        _l("The day on which it came"),
        validators=[InputRequired(_l("Please give the day on which it came."))],
        render_kw={"required": True},
    )


class DeclineForm(StepForm):
    """Not taken to review: a reason of the hub's list, and a sentence for the submitter."""

    reason = SelectField(_l("Reason"), validators=[InputRequired(_l("Please choose a reason."))])
    note = text(
        _l("A sentence for the submitter"), least=SENTENCE[0], most=SENTENCE[1], required=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hub = catalogue()
        self.reason.choices = [("", _("Choose a reason"))] + [
            (one["code"], hub.words(one["labels"], get_locale()).text)
            for one in hub.reasons["rejection"]
        ]


def with_detail_of(said: Mapping[str, Any], sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was sent, and what was `said` before of the questions that its page did not show.

    A page without them must not empty them; nor one of which the end was still on a slow line when
    somebody pressed a button, as the lack of a text or a choice tells: empty ones are sent too.
    """
    whole = MultiDict(sent)
    not_shown = () if whole.get("detail") else DETAIL
    for name in (*ALWAYS_SENT, *not_shown):
        if name not in whole:
            value = said.get(name)
            several = value if isinstance(value, list | tuple) else [value]
            whole.setlist(name, [str(one) for one in several if one])
    return whole


def terms(vocabulary: str, *, alphabetical: bool = False) -> Choices:
    """The terms of a vocabulary as choices, in the hub's order or the reader's alphabet."""
    return catalogue().choices(vocabulary, get_locale(), alphabetical=alphabetical)


def languages() -> Choices:
    """The hub's languages first, then the others by name, each under its two-letter code."""
    own = terms("languages")
    known = {code for code, _name in own}
    return own + tuple(one for one in _all_languages(get_locale()) if one[0] not in known)


@lru_cache(maxsize=20)
def _all_languages(locale: str) -> Choices:
    """Every two-letter code and what the reader's language calls it, by name."""
    names = Locale.parse(locale).languages
    known = ((code, str(name)) for code, name in names.items() if len(code) == 2)
    return tuple(sorted(known, key=lambda choice: choice[1].casefold()))


def _named(words: dict[Any, str]) -> Choices:
    return tuple((value.value, str(label)) for value, label in words.items())
