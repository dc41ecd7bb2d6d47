"""A list of people whom the roster's managers want to invite, checked row by row.

Columns are known by their names, in any order. A row that can't be used is refused with its
number in the file, the column and the reason as a sentence; the others go in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line, fold, normalise_email
from reviewhub.roster.answers import CAN_REVIEW, EXPERT, MOST_TOPICS, Answers, check_answers
from reviewhub.roster.sheets import LONGEST_CELL, Sheet, key_of
from reviewhub.taxonomy.catalogue import Catalogue
from reviewhub.taxonomy.queries import catalogue

# Each column by the names under which lists carry it; the first is the template's.
NAMES: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "e_mail", "mail", "e_mail_address", "email_address"),
    "name": ("name", "full_name"),
    "organisation": ("organisation", "organization", "affiliation", "institution"),
    "kind": ("kind", "internal_or_external", "counts_as"),
    "country": ("country", "country_of_work"),
    "languages": ("languages", "language", "languages_read"),
    "topics": ("topics", "topic", "objectives", "objective"),
    "years": ("years", "years_of_experience", "experience"),
    "capacity": ("capacity", "reviews_per_half_year"),
    "statement": ("statement", "motivation", "about"),
    "competing_interests": ("competing_interests", "conflicts", "conflicts_of_interest"),
    "government": ("government", "works_for_the_government_of"),
}
REQUIRED = ("email", "name", "organisation", "kind", "country", "languages", "topics")
EXAMPLE = (
    "ana@institute.example", "Ana Example", "Institute of Examples", "external", "KEN", "en; fr",
    "{first} (expert); {second}", "8", "2", "", "none", "",
)  # fmt: skip
LONGEST = {"name": 200, "organisation": 200, "statement": 1500, "competing_interests": 2000}
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t")
_LEVEL = re.compile(r"^(.*?)\s*\(([^()]*)\)$")
_EXPERT = {"expert", str(EXPERT)}
_CAN_REVIEW = {"can review", "", str(CAN_REVIEW)}


@dataclass(frozen=True)
class Refusal:
    """A row that did not go in: its number in the file, the column, and why."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class Candidate:
    """A row that can be used: who it is about and what it says of them."""

    row: int
    email: str
    said: Mapping[str, Any]


def columns_of(sheet: Sheet) -> dict[str, int]:
    """Where each known column stands.

    Raises InvalidInput where one that is needed is missing, or a column stands there twice.
    """
    found: dict[str, int] = {}
    for place, name in enumerate(sheet.names):
        known = next((one for one, names in NAMES.items() if name in names), None)
        if known in found:
            raise InvalidInput(_("The column “%(name)s” is there twice.", name=known), field="file")
        if known is not None:
            found[known] = place
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise InvalidInput(
            _("These columns are missing: %(names)s. The first line names the columns.",
              names=", ".join(missing)),
            field="file",
        )  # fmt: skip
    return found


def unused_columns(sheet: Sheet) -> list[str]:
    """Names in the first line that say nothing to us."""
    known = {name for names in NAMES.values() for name in names}
    return [name[:60] for name in sheet.names if name and name not in known]


def check(sheet: Sheet) -> tuple[list[Candidate], list[Refusal]]:
    """The rows that can be used, each address once, and those that can't."""
    places, hub = columns_of(sheet), catalogue()
    candidates: dict[str, Candidate] = {}
    refused: list[Refusal] = []
    for number, cells in sheet.rows:
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            found = _candidate(number, row, hub)
            if found.email in candidates:
                first = candidates[found.email].row
                raise InvalidInput(
                    _("This address stands in row %(row)d already.", row=first), field="email"
                )
        except InvalidInput as error:
            refused.append(Refusal(number, error.field, str(error)))
        else:
            candidates[found.email] = found
    return list(candidates.values()), refused


def answers_of(said: Mapping[str, Any]) -> Answers:
    """What is kept of a row, as the answers of an application."""
    kept = {name: value for name, value in said.items() if name != "government"}
    return Answers(**{**kept, "languages": tuple(kept["languages"])})


def template() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first line of a list, and a row to go by, in this hub's own topics."""
    topics = [term.code for term in catalogue().vocabulary("topics")]
    shown = {"first": topics[0], "second": topics[-1]}
    return tuple(NAMES), tuple(cell.format(**shown) for cell in EXAMPLE)


def _candidate(number: int, row: Mapping[str, str], hub: Catalogue) -> Candidate:
    _refuse_strange_cells(row)
    email = _email(row["email"])
    government = _term(row.get("government", ""), "countries", "government", hub)
    answers = Answers(
        name=_line(row, "name"),
        organisation_name=_line(row, "organisation"),
        internal=_is_internal(row["kind"], hub),
        country=_term(row["country"], "countries", "country", hub) or _missing("country"),
        languages=tuple(_terms(row["languages"], "languages", hub)),
        topics=_topics(row["topics"], hub),
        years_experience=_number(row.get("years", ""), "years", 0, 60, default=0),
        statement=row.get("statement", ""),
        competing_interests=row.get("competing_interests", ""),
        capacity=_number(
            row.get("capacity", ""), "capacity", 1, 20,
            default=hub.policy["load_cap_per_half_year"],
        ),
    )  # fmt: skip
    check_answers(answers)
    said = {**asdict(answers), "languages": list(answers.languages), "government": government}
    del said["cv"]
    return Candidate(number, email, said)


def _refuse_strange_cells(row: Mapping[str, str]) -> None:
    for name, text in row.items():
        if text.startswith(_FORMULA):
            raise InvalidInput(
                _("This begins like a formula (%(sign)s): write it as text.", sign=text[0]), name
            )
        most = LONGEST.get(name, 500 if len(text) <= LONGEST_CELL else LONGEST_CELL)
        if len(text) > most:
            raise InvalidInput(_("This is too long: %(most)d characters at most.", most=most), name)
        if "\ufffd" in text:
            raise InvalidInput(_("Some characters of this are broken."), name)


def _missing(name: str) -> Any:
    raise InvalidInput(_("This is empty."), field=name)


def _line(row: Mapping[str, str], name: str) -> str:
    text = clean_line(row[name])
    if len(text) < 2:
        raise InvalidInput(_("This is empty, or a single letter."), field=name)
    return text


def _email(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 -- slow to load

    if not text:
        _missing("email")
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        raise InvalidInput(_("This does not look like an e-mail address."), field="email") from None
    return normalise_email(text)


def _is_internal(text: str, hub: Catalogue) -> bool:
    said = key_of(text)
    locales = ("en", *hub.locales)
    internal = {"internal", *(key_of(hub.internal_label(one).text) for one in locales)}
    external = {"external", *(key_of(hub.external_label(one).text) for one in locales)}
    if said in internal | external:
        return said in internal
    raise InvalidInput(_("Write “internal” or “external”."), field="kind")


def _number(text: str, name: str, least: int, most: int, *, default: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise InvalidInput(
            _("This must be a whole number from %(least)d to %(most)d.", least=least, most=most),
            field=name,
        )
    return int(text)


def _topics(text: str, hub: Catalogue) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in _parts(text):
        match = _LEVEL.match(part)
        named, level = (match[1], fold(match[2]).strip()) if match else (part, "")
        if match and level not in _EXPERT | _CAN_REVIEW:
            named, level = part, ""  # a label may end in brackets of its own
        code = _term(named, "topics", "topics", hub)
        found[code] = EXPERT if level in _EXPERT else CAN_REVIEW
    if not 1 <= len(found) <= MOST_TOPICS:
        raise InvalidInput(
            _("Name at least one topic, and at most %(number)d.", number=MOST_TOPICS), "topics"
        )
    return found


def _terms(text: str, name: str, hub: Catalogue) -> list[str]:
    found = [_term(part, name, name, hub) for part in _parts(text)]
    return list(dict.fromkeys(found)) or _missing(name)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n|]", text) if part.strip()]


def _term(text: str, vocabulary: str, column: str, hub: Catalogue) -> str:
    """The code of a term that is given by its code or a label in any language."""
    if not text.strip():
        return ""
    code = _index(hub, vocabulary).get(_folded(text))
    if code is None:
        raise InvalidInput(
            _("“%(value)s” is none of this hub’s.", value=clean_line(text)[:80]), field=column
        )
    return code


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


_indexes: dict[tuple[str, str], dict[str, str]] = {}  # by the catalogue's stamp and a vocabulary


def _index(hub: Catalogue, vocabulary: str) -> dict[str, str]:
    key = (hub.stamp, vocabulary)
    if key not in _indexes:
        if any(stamp != hub.stamp for stamp, _name in _indexes):
            _indexes.clear()
        _indexes[key] = dict(_names(hub, vocabulary))
    return _indexes[key]


def _names(hub: Catalogue, vocabulary: str) -> Iterable[tuple[str, str]]:
    """Labels first, codes last: where both say the same the code counts."""
    terms: Sequence[Any] = hub.vocabulary(vocabulary)
    for term in reversed(terms):
        short = term.data.get("short_label") or {}
        for label in (*term.labels.values(), *short.values(), term.data.get("alpha2") or ""):
            if label:
                yield _folded(label), term.code
    for term in terms:
        yield _folded(term.code), term.code
