"""What a member adds to their profile later, most of it for whoever looks for an expert."""

import re
from dataclasses import dataclass

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, _l
from reviewhub.taxonomy.queries import catalogue

LEAST_STATEMENT, MOST_STATEMENT = 50, 1500
# Where people work; a panel of several sectors sees more.
SECTOR_LABELS = {
    "government": _l("government"),
    "local_authority": _l("local authority"),
    "international_organisation": _l("international organisation"),
    "academia": _l("academia"),
    "civil_society": _l("civil society"),
    "community_organisation": _l("organisation of the people concerned"),
    "trade_union": _l("trade union"),
    "private_sector": _l("private sector"),
    "human_rights_institution": _l("human rights institution"),
    "media": _l("media"),
    "independent": _l("independent"),
}
_ORCID = re.compile(
    r"(?:https?://orcid\.org/)?([0-9]{4})-?([0-9]{4})-?([0-9]{4})-?([0-9]{3}[0-9X])/?",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Introduction:
    """`list_publicly` None leaves the consent alone: only the member gives or withdraws it."""

    languages_written: tuple[str, ...]
    sector: str
    orcid: str
    statement: str
    list_publicly: bool | None = None


def check_introduction(introduction: Introduction) -> None:
    """Raise InvalidInput for what the hub does not know, or what is too short to be read."""
    known = catalogue()
    if any(known.find("languages", code) is None for code in introduction.languages_written):
        raise InvalidInput(_("Choose from the list."), field="languages_written")
    if introduction.sector and introduction.sector not in SECTOR_LABELS:
        raise InvalidInput(_("Choose from the list."), field="sector")
    length = len(introduction.statement)
    if length and not LEAST_STATEMENT <= length <= MOST_STATEMENT:
        sentence = _(
            "Write %(least)d to %(most)d characters, or leave it empty.",
            least=LEAST_STATEMENT, most=MOST_STATEMENT,
        )  # fmt: skip
        raise InvalidInput(sentence, field="statement")


def orcid(text: str) -> str:
    """An ORCID iD in its usual form, or "" for none. Raises InvalidInput for a mistyped one."""
    text = text.strip()
    if not text:
        return ""
    found = _ORCID.fullmatch(text)
    if found is None:
        sentence = _("An ORCID iD has sixteen digits, as in 0000-0002-1825-0097.")
        raise InvalidInput(sentence, field="orcid")
    parts = [part.upper() for part in found.groups()]
    digits = "".join(parts)
    if check_digit(digits[:-1]) != digits[-1]:
        sentence = _("The last digit of this ORCID iD does not fit the others. Is one mistyped?")
        raise InvalidInput(sentence, field="orcid")
    return "-".join(parts)


def check_digit(digits: str) -> str:
    """The last digit by ISO 7064, MOD 11-2."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    value = (12 - total % 11) % 11
    return "X" if value == 10 else str(value)
