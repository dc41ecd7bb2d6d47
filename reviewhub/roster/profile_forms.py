"""What members may send about themselves beyond what they can judge."""

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import Optional

from reviewhub.core.i18n import _l, get_locale
from reviewhub.roster.introductions import (
    LEAST_STATEMENT,
    MOST_STATEMENT,
    SECTOR_LABELS,
    Introduction,
)
from reviewhub.roster.references import MOST_CHARACTERS
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.forms import Form, line, text


def _languages() -> list[tuple[str, str]]:
    locale = get_locale()
    return [(t.code, t.label(locale).text) for t in catalogue().vocabulary("languages")]


def _sectors() -> list[tuple[str, str]]:
    return [("", "—"), *((code, str(label)) for code, label in SECTOR_LABELS.items())]


class IntroductionForm(Form):
    """What others read of a member."""

    statement = text(
        _l("What you bring, in a few sentences"), least=LEAST_STATEMENT, most=MOST_STATEMENT
    )
    languages_written = SelectMultipleField(
        _l("Languages you write"), choices=_languages, validators=[Optional()]
    )
    sector = SelectField(
        _l("Where you work"), choices=_sectors, default="", validators=[Optional()]
    )
    orcid = line(
        _l("ORCID iD"),
        most=60,
        description=_l("As in 0000-0002-1825-0097. It is checked for typing errors only."),
    )
    list_publicly = BooleanField(
        _l("Show me in the public list of experts."),
        description=_l(
            "Everybody then reads your name, organisation, country, topics, languages, regions, "
            "background, this text and your publications; never your address, and never what you "
            "review. Untick it, and you are gone from the list at once."
        ),
    )

    def introduction(self) -> Introduction:
        """The answers as the operation takes them."""
        return Introduction(
            languages_written=tuple(self.languages_written.data or ()),
            sector=self.sector.data or "",
            orcid=self.orcid.data,
            statement=self.statement.data,
            list_publicly=self.list_publicly.data if "list_publicly" in self else None,
        )


class ReferencesForm(Form):
    """A list of publications, pasted or as a file."""

    text = text(_l("Paste the list"), most=MOST_CHARACTERS)
    file = FileField(_l("Or choose a file"), description=_l("A .bib or .ris file, 200 KB at most."))
