"""Reading a hub's folder of JSON files and checking it, entry by entry, before it is stored."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line
from reviewhub.taxonomy.calendars import CALENDAR, problem_of
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.policies import check_policy
from reviewhub.taxonomy.problems import entry as _entry
from reviewhub.taxonomy.problems import wrong as _wrong

BUILT_IN = Path(__file__).parent / "hubs"
PARENTS = {Vocabulary.COUNTRIES: Vocabulary.REGIONS, Vocabulary.TOPICS: Vocabulary.TOPICS}
ROSTER_FORM = "roster_form.json"
REASON_KINDS = ("rejection", "invitation_decline", "application_decline")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_KNOWN_KEYS = {"code", "labels", "parent", "deprecated"}
_LABEL_LENGTH = 300
_TEXT_LENGTHS = {"short_label": 100, "title": 300, "summary": 3000}


@dataclass(frozen=True)
class TermDefinition:
    """One entry of a vocabulary file, checked."""

    vocabulary: Vocabulary
    code: str
    position: int
    label: str
    labels: Mapping[str, str | None]
    data: Mapping[str, Any]
    parent_code: str | None
    deprecated: bool


@dataclass(frozen=True)
class HubDefinition:
    """A whole folder, checked; `settings` has hub, review_form, reasons, policy, and
    calendar and roster_form where the hub has them."""

    slug: str
    settings: Mapping[str, Any]
    terms: tuple[TermDefinition, ...]


@dataclass(frozen=True)
class _Languages:
    """The hub's languages, against which every label is checked."""

    locales: tuple[str, ...]
    default: str


def hub_folder(name_or_path: str | Path) -> Path:
    """The folder of a built-in hub by its name, or any folder that has a hub.json.

    Raises InvalidInput where there is neither.
    """
    built_in = {path.parent.name: path.parent for path in BUILT_IN.glob("*/hub.json")}
    known = built_in.get(str(name_or_path))
    if known is not None:
        return known
    folder = Path(name_or_path)
    if (folder / "hub.json").is_file():
        return folder
    raise InvalidInput(
        _(
            "There is no hub “%(name)s”: give a folder with a hub.json, or one of: %(names)s.",
            name=str(name_or_path),
            names=", ".join(sorted(built_in)),
        )
    )


def read_hub(folder: Path) -> HubDefinition:
    """Read and check every file of a hub. Raises InvalidInput, naming the file and the entry."""
    hub = _read(folder, "hub.json", dict)
    languages = _check_hub(hub)
    terms = tuple(
        term for vocabulary in Vocabulary for term in _read_terms(folder, vocabulary, languages)
    )
    _check_references(terms, hub, languages)
    settings = {"hub": hub}
    for name, check in (
        ("review_form", _check_review_form),
        ("reasons", _check_reasons),
        ("policy", lambda policy, _languages: check_policy(policy)),
    ):
        settings[name] = _read(folder, f"{name}.json", dict)
        check(settings[name], languages)
    if (folder / CALENDAR).is_file():  # a hub may do without
        settings["calendar"] = _read(folder, CALENDAR, dict)
        _check_calendar(settings["calendar"])
    if (folder / ROSTER_FORM).is_file():  # likewise
        settings["roster_form"] = _read(folder, ROSTER_FORM, dict)
        _check_roster_form(settings["roster_form"], languages)
    return HubDefinition(hub["slug"], settings, terms)


# -- files --


def _read(folder: Path, file: str, shape: type) -> Any:
    try:
        content = json.loads((folder / file).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InvalidInput(_("%(file)s is missing.", file=file), field=file) from None
    except json.JSONDecodeError as error:
        place = _("line %(line)s", line=error.lineno)
        raise _wrong(file, place, _("this is no valid JSON.")) from None
    except UnicodeDecodeError:
        raise InvalidInput(_("%(file)s is not in UTF-8.", file=file), field=file) from None
    if not isinstance(content, shape):
        expected = _("a list") if shape is list else _("an object")
        raise InvalidInput(
            _("%(file)s must hold %(expected)s.", file=file, expected=expected), field=file
        )
    return content


# -- hub.json --


def _check_hub(hub: dict[str, Any]) -> _Languages:
    file = "hub.json"
    for key in ("slug", "name", "short_name", "contact_email", "default_locale"):
        if not isinstance(hub.get(key), str) or not hub[key].strip():
            raise _wrong(file, _entry(key), _("a text is needed here."))
    if not _CODE.fullmatch(hub["slug"]):
        raise _wrong(file, _entry("slug"), _("only letters, digits, - and _ are possible."))
    locales = hub.get("locales")
    if not isinstance(locales, list) or hub["default_locale"] not in locales:
        problem = _("this must be a list that has the default language in it.")
        raise _wrong(file, _entry("locales"), problem)
    languages = _Languages(tuple(locales), hub["default_locale"])
    for key in ("tagline", "internal_label", "external_label"):
        _check_labels(file, key, hub.get(key), languages)
    for key in ("topic_vocabulary", "theme_vocabulary"):
        _check_noun(key, hub.get(key), languages)
    hub.setdefault("footnotes", [])
    for note in hub["footnotes"]:
        if not isinstance(note, dict) or not note.get("marker"):
            raise _wrong(file, _entry("footnotes"), _("every note needs its marker."))
        _check_labels(file, note["marker"], note.get("labels"), languages, 3000)
    return languages


def _check_noun(key: str, noun: Any, languages: _Languages) -> None:
    """What topics (or themes) are called: an address part, and singular and plural."""
    if not isinstance(noun, dict) or not _CODE.fullmatch(str(noun.get("slug", ""))):
        problem = _("the slug needs letters, digits, - and _ only.")
        raise _wrong("hub.json", _entry(key), problem)
    labels = noun.get("labels")
    if not isinstance(labels, dict):
        raise _wrong("hub.json", _entry(key), _("labels are missing."))
    pairs = {lang: {} if pair is None else pair for lang, pair in labels.items()}
    if not all(isinstance(pair, dict) for pair in pairs.values()):
        problem = _("every language needs a singular and a plural.")
        raise _wrong("hub.json", _entry(key), problem)
    for form in ("singular", "plural"):
        forms = {lang: pair.get(form) for lang, pair in pairs.items()}
        _check_labels("hub.json", f"{key}: {form}", forms, languages)


# -- vocabularies --


def _read_terms(
    folder: Path, vocabulary: Vocabulary, languages: _Languages
) -> list[TermDefinition]:
    file = f"{vocabulary}.json"
    entries = _read(folder, file, list)
    if not entries:
        raise InvalidInput(_("%(file)s has no entries.", file=file), field=file)
    _check_codes(file, entries)
    return [
        _read_term(file, vocabulary, position, entry, languages)
        for position, entry in enumerate(entries, start=1)
    ]


def _read_term(
    file: str, vocabulary: Vocabulary, position: int, entry: dict[str, Any], languages: _Languages
) -> TermDefinition:
    code = entry["code"]
    labels = _check_labels(file, code, entry.get("labels"), languages)
    for key, longest in _TEXT_LENGTHS.items():
        if entry.get(key) is not None:
            _check_labels(file, f"{code}: {key}", entry[key], languages, longest)
    parent = entry.get("parent")
    if parent is not None and vocabulary not in PARENTS:
        raise _wrong(file, _entry(code), _("entries of this list have no parent."))
    if vocabulary is Vocabulary.COUNTRIES and parent is None and entry.get("kind") != "global":
        raise _wrong(file, _entry(code), _("the region is missing (“parent”)."))
    if vocabulary is Vocabulary.LANGUAGES:
        _check_language(file, entry)
    return TermDefinition(
        vocabulary=vocabulary,
        code=code,
        position=position,
        label=labels[languages.default] or "",
        labels=labels,
        data={key: value for key, value in entry.items() if key not in _KNOWN_KEYS},
        parent_code=parent,
        deprecated=bool(entry.get("deprecated", False)),
    )


def _check_language(file: str, entry: dict[str, Any]) -> None:
    if entry.get("dir") not in ("ltr", "rtl"):
        raise _wrong(file, _entry(entry["code"]), _("“dir” must be ltr or rtl."))
    for key in ("autonym", "html_lang"):
        if not entry.get(key):
            raise _wrong(file, _entry(entry["code"]), _("“%(key)s” is missing.", key=key))


def _check_codes(file: str, entries: Iterable[Any], key: str = "code") -> None:
    """Every entry is an object with a code of its own."""
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        code = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            place = _("entry number %(number)s", number=number)
            raise _wrong(file, place, _("a code of letters, digits, - and _ is needed."))
        if code in seen:
            raise _wrong(file, _entry(code), _("this code stands here twice."))
        seen.add(code)


def _check_labels(
    file: str,
    entry: object,
    labels: Any,
    languages: _Languages,
    longest: int = _LABEL_LENGTH,
) -> dict[str, str | None]:
    """The labels, cleaned; null means that a translation is still needed."""
    if not isinstance(labels, dict):
        raise _wrong(file, _entry(entry), _("labels are missing."))
    cleaned: dict[str, str | None] = {}
    for lang, text in labels.items():
        if lang not in languages.locales:
            problem = _("“%(lang)s” is none of the hub's languages.", lang=lang)
            raise _wrong(file, _entry(entry), problem)
        if text is not None and (not isinstance(text, str) or not 0 < len(text.strip()) <= longest):
            problem = _(
                "the text in “%(lang)s” must have 1 to %(longest)s characters.",
                lang=lang,
                longest=longest,
            )
            raise _wrong(file, _entry(entry), problem)
        cleaned[lang] = None if text is None else clean_line(text)
    if not cleaned.get(languages.default):
        problem = _("the text in “%(lang)s” is missing.", lang=languages.default)
        raise _wrong(file, _entry(entry), problem)
    return cleaned


def _check_references(
    terms: tuple[TermDefinition, ...], hub: dict[str, Any], languages: _Languages
) -> None:
    """Whatever one entry says about another exists."""
    known = {(term.vocabulary, term.code) for term in terms}
    markers = {note["marker"] for note in hub["footnotes"]}
    for term in terms:
        file, entry = f"{term.vocabulary}.json", _entry(term.code)
        if not _has_its_parent(term, known):
            raise _wrong(file, entry, _("there is no parent “%(code)s”.", code=term.parent_code))
        footnote = term.data.get("footnote")
        if footnote is not None and footnote not in markers:
            problem = _("hub.json has no footnote “%(marker)s”.", marker=footnote)
            raise _wrong(file, entry, problem)
        for reference in term.data.get("cross_references") or ():
            code = reference.get("topic") if isinstance(reference, dict) else reference
            if (Vocabulary.TOPICS, code) not in known:
                raise _wrong(file, entry, _("there is no entry “%(code)s”.", code=code))
    for locale in languages.locales:
        if (Vocabulary.LANGUAGES, locale) not in known:
            problem = _("languages.json does not describe “%(lang)s”.", lang=locale)
            raise _wrong("hub.json", _entry("locales"), problem)


def _has_its_parent(term: TermDefinition, known: set[tuple[Vocabulary, str]]) -> bool:
    if term.parent_code is None:
        return True
    parent = (PARENTS[term.vocabulary], term.parent_code)
    return parent in known and parent != (term.vocabulary, term.code)


# -- review form, reasons, calendar --


def _check_labelled(file: str, entries: Any, name: str, languages: _Languages) -> None:
    if not isinstance(entries, list) or not entries:
        raise _wrong(file, _entry(name), _("a list is needed here."))
    _check_codes(file, entries)
    for entry in entries:
        _check_labels(file, entry["code"], entry.get("labels"), languages)


def _check_review_form(form: dict[str, Any], languages: _Languages) -> None:
    file = "review_form.json"
    for part in ("gates", "criteria", "texts", "recommendations"):
        _check_labelled(file, form.get(part), part, languages)
    scale = form.get("scale")
    if not isinstance(scale, list) or not scale:
        raise _wrong(file, _entry("scale"), _("a list is needed here."))
    values = {str(step["value"]) for step in scale if isinstance(step, dict) and "value" in step}
    for criterion in form["criteria"]:
        anchors = criterion.get("anchors")
        if not isinstance(anchors, dict) or set(anchors) != values:
            problem = _("every value of the scale needs its anchor sentence.")
            raise _wrong(file, _entry(criterion["code"]), problem)
        for value, labels in anchors.items():
            _check_labels(file, f"{criterion['code']}: {value}", labels, languages)
    if not any(choice.get("fills_slot") for choice in form["recommendations"]):
        problem = _("at least one recommendation has to fill a slot (“fills_slot”).")
        raise _wrong(file, _entry("recommendations"), problem)


def _check_reasons(reasons: dict[str, Any], languages: _Languages) -> None:
    for kind in REASON_KINDS:
        _check_labelled("reasons.json", reasons.get(kind), kind, languages)


def _check_roster_form(form: dict[str, Any], languages: _Languages) -> None:
    """The criteria by which applications are assessed, and terms beyond those of the policy."""
    for key in form:
        if key not in ("criteria", "terms"):
            problem = _("only %(keys)s can stand here.", keys="criteria, terms")
            raise _wrong(ROSTER_FORM, _entry(key), problem)
    _check_labelled(ROSTER_FORM, form.get("criteria"), "criteria", languages)
    if "terms" in form:
        _check_labelled(ROSTER_FORM, form["terms"], "terms", languages)


def _check_calendar(calendar: dict[str, Any]) -> None:
    found = problem_of(calendar)
    if found is not None:
        raise _wrong(CALENDAR, _entry(found[0]), found[1])
