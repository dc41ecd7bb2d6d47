"""A receipt in words: the same sentence and facts on its page and on its sheet."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date

from reviewhub.core.i18n import _, direction, force_locale, get_locale, ngettext
from reviewhub.core.paper import Sheet, can_write
from reviewhub.reviews.statements import Statement
from reviewhub.taxonomy.queries import catalogue

FALLBACK = "en"  # what a sheet is written in where its language can't be


@dataclass(frozen=True)
class Words:
    """What stands on the page: heading, sentence, labelled facts, and why there is no more."""

    title: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    reason: str


def in_words(statement: Statement) -> Words:
    """The statement in the reader's language."""
    hub, when = catalogue().name, _time(statement.first, statement.span)
    given = {"name": _apart(statement.name), "hub": _apart(hub), "time": when}
    if statement.number:
        sentence = ngettext(
            "%(name)s completed %(num)d review for %(hub)s in %(time)s.",
            "%(name)s completed %(num)d reviews for %(hub)s in %(time)s.",
            statement.number,
            **given,
        )
        title = _("Certificate for %(year)s", year=when)
    else:
        title = _("Receipt for a review")
        if statement.span == "day":
            sentence = _("%(name)s completed a review for %(hub)s on %(time)s.", **given)
        else:
            sentence = _("%(name)s completed a review for %(hub)s in %(time)s.", **given)
    return Words(str(title), str(sentence), _facts(statement, when), _reason(statement))


def sheet_of(statement: Statement, code: str, address: str, *, on: datetime) -> Sheet:
    """The statement as a sheet, in the reader's language where the font has its letters."""
    locale = get_locale()
    if not can_write(str(_("Anybody can check this at the address:"))):
        locale = FALLBACK
    with force_locale(locale):
        words = in_words(statement)
        return Sheet(
            lang=locale,
            is_rtl=direction(locale) == "rtl",
            overline=catalogue().name,
            title=words.title,
            sentences=(words.sentence,),
            facts=(*words.facts, (str(_("Code")), code)),
            address=address,
            below=(str(_("Anybody can check this at the address:")),),
            missing=str(
                _("Some letters could not be printed here. The page at the address shows them.")
            ),
            on=on,
        )


def _apart(text: str) -> str:
    """A name that keeps its own direction inside a sentence, by signs that are not seen."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def _facts(statement: Statement, when: str) -> tuple[tuple[str, str], ...]:
    kind = ""
    if statement.section_id is not None:
        kind = catalogue().term(statement.section_id).label(get_locale()).text
    found = (
        (_("Name"), statement.name),
        (_("For"), catalogue().name),
        (_("When"), when),
        (_("Reviews"), str(statement.number) if statement.number else ""),
        (_("Kind of item"), kind),
        (_("Reviewed"), statement.title),
    )
    return tuple((str(label), value) for label, value in found if value)


def _reason(statement: Statement) -> str:
    if statement.span == "day":
        return ""
    return str(
        _(
            "Which items were reviewed is not said, and the time only roughly: reviewers stay "
            "unknown to those whose suggestions they judge."
        )
    )


def _time(first: date, span: str) -> str:
    pattern = {"day": "d MMMM y", "month": "LLLL y", "year": "y"}[span]
    return str(format_date(first, pattern, locale=get_locale()))
