"""The review policy as a value: rules are data, read and checked here, and nowhere else.

`Rules` is what a policy row says; an item keeps the policy under which its review started.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.matching.rules import DEFAULT_WEIGHTS, PanelRule
from reviewhub.reviews.workflow import Slot


class Screening(StrEnum):
    """Who looks at a suggestion before reviewers are asked."""

    EDITOR = "editor"
    TRUSTED = "trusted"
    NONE = "none"


class OnInclude(StrEnum):
    """What a panel's unanimous "include" does."""

    APPROVE = "approve"
    ASK_EDITOR = "ask_editor"


class OnExclude(StrEnum):
    """What a panel's unanimous "do not include" does."""

    ASK_EDITOR = "ask_editor"
    REJECT = "reject"


class OnApproval(StrEnum):
    """What approval does."""

    PUBLISH = "publish"
    WAIT = "wait_for_editor"


class Anonymity(StrEnum):
    """Who is hidden from whom, in the words of ANSI/NISO Z39.106-2023."""

    VISIBLE = "visible"
    SINGLE = "single"
    DOUBLE = "double"


class Published(StrEnum):
    """What the library shows of a review."""

    SUMMARY = "review_summary"
    REPORTS = "reports"
    NOTHING = "nothing"


# Where the policy reminds nobody after the date, one reminder goes out all the same: an overdue
# review must not wait in silence because no earlier reminder was wanted.
OVERDUE_IN_ANY_CASE = 1


def reminder_days(days: Iterable[int]) -> tuple[int, ...]:
    """The days of a review's reminders as they really come, counted from its date, in order."""
    found = set(days)
    if not any(day > 0 for day in found):
        found.add(OVERDUE_IN_ANY_CASE)
    return tuple(sorted(found))


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One version of the review policy. Days are calendar days unless they say working days."""

    slots: Mapping[str, int]
    tie_breakers: int = 1
    distinct_organisations: bool = True
    reads_language: int = 1
    covers_primary_topic: int = 1
    screening: Screening = Screening.EDITOR
    trusted_after: int = 3
    invitation_reminder_working_days: int = 3
    invitation_expiry_working_days: int = 6
    parallel_invitations: int = 1
    review_days: int = 21
    extension_days: int = 14
    review_reminders: tuple[int, ...] = (-7, -2, 1, 7, 14)
    replacement_after_overdue_days: int = 7
    open_items_cap: int = 2
    rest_days: int = 14
    anonymity: Anonymity = Anonymity.SINGLE
    reviewers_see_each_other: bool = True
    on_include: OnInclude = OnInclude.APPROVE
    on_exclude: OnExclude = OnExclude.ASK_EDITOR
    on_approval: OnApproval = OnApproval.PUBLISH
    second_sign_off: bool = False
    published: Published = Published.SUMMARY
    decision_days: int = 7
    mail_hold_minutes: int = 15
    changes_days: int = 30
    appeal_days: int = 30
    review_by_months: int = 36
    estimate_sample: int = 20
    shared_mail_domains: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The rules in a policy's JSON; keys of other concerns are left alone.

        Raises InvalidInput naming the key that can't be used.
        """
        known = {one.name: data[one.name] for one in fields(cls) if one.name in data}
        if "slots" not in known:
            raise InvalidInput(_("The review policy names no slots."), field="slots")
        try:
            known["slots"] = {Slot(name): int(n) for name, n in known["slots"].items()}
            for name in ("review_reminders", "shared_mail_domains"):
                known[name] = tuple(known.get(name, getattr(cls, name)))
            for name, kind in _ENUMS.items():
                if name in known:
                    known[name] = kind(known[name])
            rules = cls(**known)
            rules.panel_rule()
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(_("The review policy can't be used: %(why)s", why=error)) from error
        return rules

    @property
    def hides_submitter(self) -> bool:
        """Whether reviewers must not learn who suggested an item, from its files neither."""
        return self.anonymity is Anonymity.DOUBLE

    @property
    def names_reviewers(self) -> bool:
        """Whether submitters and reviewers learn who reviewed an item."""
        return self.anonymity is Anonymity.VISIBLE

    @property
    def panel_size(self) -> int:
        """How many reviews fill the panel, tie-breakers aside."""
        return sum(self.slots.values())

    def panel_rule(self, tie_breakers: int = 0) -> PanelRule:
        """What matching has to meet, with this many tie-breakers beside the regular seats."""
        return PanelRule(
            slots={**self.slots, Slot.TIE_BREAKER.value: tie_breakers},
            distinct_organisations=self.distinct_organisations,
            reads_language=self.reads_language,
            covers_primary_topic=self.covers_primary_topic,
            open_items_cap=self.open_items_cap,
            rest_days=self.rest_days,
            shared_domains=frozenset(self.shared_mail_domains),
            weights=self.weights,
        )


_ENUMS: Mapping[str, type[StrEnum]] = {
    "screening": Screening,
    "on_include": OnInclude,
    "on_exclude": OnExclude,
    "on_approval": OnApproval,
    "anonymity": Anonymity,
    "published": Published,
}
