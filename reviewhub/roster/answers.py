"""What an applicant answers and what a member says of themselves, checked by the hub's data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, _l
from reviewhub.roster.models import Gender
from reviewhub.taxonomy.queries import catalogue

EXPERT, CAN_REVIEW = 3, 2
MOST_TOPICS = 5
LEVEL_LABELS = {EXPERT: _l("expert"), CAN_REVIEW: _l("can review")}
# From what side people know their field; a panel of mixed backgrounds judges better.
BACKGROUND_LABELS = {
    "policy": _l("policy"),
    "technical": _l("technical"),
    "practitioner": _l("practice"),
    "research": _l("research"),
}

GENDER_LABELS = {
    Gender.WOMAN: _l("woman"),
    Gender.MAN: _l("man"),
    Gender.ANOTHER: _l("another answer"),
    Gender.PREFER_NOT_TO_SAY: _l("I prefer not to say"),
}


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The ten answers of an application; consent is given by sending them.

    `topics` maps topic codes to level 3 (expert) or 2 (can review); `cv` is {"url": …}, a stored
    file as a mapping, or empty.
    """

    name: str
    organisation_name: str
    internal: bool
    country: str
    languages: tuple[str, ...]
    topics: Mapping[str, int]
    years_experience: int
    statement: str
    competing_interests: str
    capacity: int
    cv: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a member can judge and how much they can be asked.

    `government` is the country whose government they work for, or empty; `internal` None leaves
    that alone. So does `gender` None, which only the member may say; empty takes it back.
    """

    languages: tuple[str, ...]
    topics: Mapping[str, int]
    regions: tuple[str, ...]
    themes: tuple[str, ...]
    backgrounds: tuple[str, ...]
    capacity: int
    competing_interests: str
    government: str = ""
    internal: bool | None = None
    gender: str | None = None


def check_answers(answers: Answers) -> None:
    """Raise InvalidInput for an answer that the hub's vocabularies do not know."""
    _check_known("countries", [answers.country], "country")
    _check_skills(answers.languages, answers.topics)


def check_profile(profile: Profile) -> None:
    """Raise InvalidInput for a value that the hub's vocabularies do not know."""
    _check_known("regions", profile.regions, "regions")
    _check_known("themes", profile.themes, "themes")
    _check_known("countries", [profile.government] if profile.government else [], "government")
    if not set(profile.backgrounds) <= set(BACKGROUND_LABELS):
        raise InvalidInput(_("Choose from the list."), field="backgrounds")
    if profile.gender and profile.gender not in set(Gender):
        raise InvalidInput(_("Choose from the list."), field="gender")
    _check_skills(profile.languages, profile.topics)


def _check_skills(languages: Collection[str], topics: Mapping[str, int]) -> None:
    if not languages:
        raise InvalidInput(_("Choose at least one language you read."), field="languages")
    _check_known("languages", languages, "languages")
    if not 1 <= len(topics) <= MOST_TOPICS:
        raise InvalidInput(
            _("Choose at least one, and at most %(number)d.", number=MOST_TOPICS), field="topics"
        )
    _check_known("topics", topics, "topics")
    if not set(topics.values()) <= set(LEVEL_LABELS):
        raise InvalidInput(_("Say for each how well you know it."), field="topics")


def _check_known(vocabulary: str, codes: Collection[str], field: str) -> None:
    if any(catalogue().find(vocabulary, code) is None for code in codes):
        raise InvalidInput(_("Choose from the list."), field=field)
