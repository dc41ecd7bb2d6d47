"""The review policy of a hub's folder, checked for what every hub needs.

What the rules mean is for the reviews to know.
"""

from collections.abc import Iterable
from typing import Any

from reviewhub.core.i18n import _
from reviewhub.taxonomy.problems import entry, wrong

FILE = "policy.json"
SLOTS = frozenset({"internal", "external", "any"})
MOST_AT_ONCE = 5  # people who are asked for one seat at the same time

# What the review policy must say at least; what the words mean is for the reviews to know.
POLICY_NUMBERS = (
    "tie_breakers",
    "reads_language",
    "covers_primary_topic",
    "screening_days",
    "invitation_reminder_working_days",
    "invitation_expiry_working_days",
    "parallel_invitations",
    "review_days",
    "extension_days",
    "replacement_after_overdue_days",
    "load_cap_per_half_year",
    "open_items_cap",
    "rest_days",
    "decision_days",
    "mail_hold_minutes",
    "question_days",
    "changes_days",
    "appeal_days",
    "revive_days",
    "guest_draft_days",
    "application_days",
    "reapply_days",
    "term_years",
)
# What a policy may leave out, and the least that it may say. Estimates from fewer than five items
# would tell of single ones; somebody has to assess an application.
POLICY_LEAST = {"estimate_sample": 5, "application_managers": 1}
POLICY_FLAGS = ("distinct_organisations", "reviewers_see_each_other")
POLICY_FLAGS_OR_NOT = ("second_sign_off", "public_roster")  # each has a default
POLICY_WORDS = ("screening", "anonymity", "published", "on_include", "on_exclude", "on_approval")


def check_policy(policy: dict[str, Any]) -> None:
    """Raise InvalidInput, naming the entry, unless the policy says what every hub needs."""
    _check_slots(policy.get("slots"))
    _check_numbers(policy)
    _check_words(policy)


def _check_slots(slots: Any) -> None:
    if not isinstance(slots, dict) or not set(slots) <= SLOTS or not _counts(slots.values()):
        problem = _("a number from 0 is needed for each of internal, external and any.")
        raise wrong(FILE, entry("slots"), problem)
    if not any(slots.values()):
        raise wrong(FILE, entry("slots"), _("a panel needs at least one reviewer."))


def _check_numbers(policy: dict[str, Any]) -> None:
    for key in POLICY_NUMBERS:
        if not _counts([policy.get(key)]):
            raise wrong(FILE, entry(key), _("a number from 0 is needed here."))
    if policy["parallel_invitations"] not in range(1, MOST_AT_ONCE + 1):
        problem = _("a number from 1 to %(most)d is needed here.", most=MOST_AT_ONCE)
        raise wrong(FILE, entry("parallel_invitations"), problem)
    for key, least in POLICY_LEAST.items():
        value = policy.get(key, least)
        if type(value) is not int or value < least:
            problem = _("a number from %(least)d is needed here.", least=least)
            raise wrong(FILE, entry(key), problem)
    reminders = policy.get("review_reminders")
    if not isinstance(reminders, list) or not all(type(day) is int for day in reminders):
        problem = _("a list of days before (−) and after the due date is needed here.")
        raise wrong(FILE, entry("review_reminders"), problem)


def _check_words(policy: dict[str, Any]) -> None:
    for key in (*POLICY_FLAGS, *(key for key in POLICY_FLAGS_OR_NOT if key in policy)):
        if not isinstance(policy.get(key), bool):
            raise wrong(FILE, entry(key), _("true or false is needed here."))
    for key in POLICY_WORDS:
        if not isinstance(policy.get(key), str) or not policy[key]:
            raise wrong(FILE, entry(key), _("a text is needed here."))


def _counts(values: Iterable[Any]) -> bool:
    return all(type(value) is int and value >= 0 for value in values)
