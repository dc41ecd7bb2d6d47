"""The rules of the review policy in words: what each is called, and what its values mean."""

from collections.abc import Mapping
from typing import Any

from reviewhub.core.i18n import _, _l, get_locale, ngettext
from reviewhub.reviews.clock_words import calendar_words, reminders_words
from reviewhub.reviews.reasons import FACETS
from reviewhub.reviews.rules import (
    Anonymity,
    OnApproval,
    OnExclude,
    OnInclude,
    Published,
    Screening,
)
from reviewhub.reviews.workflow import Slot
from reviewhub.taxonomy.queries import catalogue

# The rules that most hubs change, in the order in which an item meets them.
RULES: Mapping[str, Any] = {
    "screening": _l("Who looks at a suggestion first"),
    "trusted_after": _l("Published suggestions after which somebody is trusted"),
    "tie_breakers": _l("Further reviewers when the panel disagrees"),
    "invitation_reminder_working_days": _l("Working days until an invitation is recalled"),
    "invitation_expiry_working_days": _l("Working days until somebody else is invited"),
    "parallel_invitations": _l("People asked for one seat at once; the first yes takes it"),
    "review_days": _l("Days for a review"),
    "extension_days": _l("Days by which a reviewer may extend"),
    "anonymity": _l("Who knows whom"),
    "reviewers_see_each_other": _l("Reviewers see the others’ reviews after their own"),
    "published": _l("What the library shows of a review"),
    "on_include": _l("When all reviewers say “include”"),
    "on_exclude": _l("When all reviewers say “do not include”"),
    "on_approval": _l("When an item is approved"),
    "second_sign_off": _l("A second editor confirms an editor’s decision"),
    "decision_days": _l("Days for the editor’s decision"),
    "mail_hold_minutes": _l("Minutes in which a decision can be undone before it is told"),
    "changes_days": _l("Days for requested changes"),
    "appeal_days": _l("Days in which the submitter may appeal"),
    "estimate_sample": _l("Similar items from which a submitter is told how long it may take"),
}

# Rules that the hub's policy file sets, and the page shows.
OF_THE_FILE: Mapping[str, Any] = {
    "review_reminders": _l("Reminders of a review"),
    "replacement_after_overdue_days": _l(
        "Days after which somebody is asked beside a late reviewer"
    ),
    "application_managers": _l("Roster managers who have to agree about an application"),
    "application_days": _l("Days in which applicants have an answer"),
    "public_roster": _l("A public list of the members who agree to stand in it"),
    "reapply_days": _l("Days after which somebody who was declined may apply again"),
    "weights": _l("What counts in the choice of reviewers"),
}

CHOICES: Mapping[str, Mapping[str, Any]] = {
    "screening": {
        Screening.EDITOR: _l("an editor"),
        Screening.TRUSTED: _l("an editor, except for trusted submitters"),
        Screening.NONE: _l("nobody: reviewers are asked at once"),
    },
    "anonymity": {
        Anonymity.VISIBLE: _l("all identities visible: submitters and reviewers know each other"),
        Anonymity.SINGLE: _l("single anonymized: submitters don’t know the reviewers"),
        Anonymity.DOUBLE: _l("double anonymized: neither knows the other"),
    },
    "published": {
        Published.SUMMARY: _l("a summary: how many reviewers of which kind, and when"),
        Published.REPORTS: _l("the summary, and the comments that an editor released"),
        Published.NOTHING: _l("nothing"),
    },
    "on_include": {
        OnInclude.APPROVE: _l("it is approved"),
        OnInclude.ASK_EDITOR: _l("the editor decides"),
    },
    "on_exclude": {
        OnExclude.ASK_EDITOR: _l("the editor decides"),
        OnExclude.REJECT: _l("it is not included"),
    },
    "on_approval": {
        OnApproval.PUBLISH: _l("it is published"),
        OnApproval.WAIT: _l("it waits for an editor"),
    },
}


def seats_label(kind: str) -> str:
    """What the seats of one kind are called, on the form and in the list."""
    hub, locale = catalogue(), get_locale()
    if kind == Slot.INTERNAL:
        return _("Reviewers: %(kind)s", kind=hub.internal_label(locale).text)
    if kind == Slot.EXTERNAL:
        return _("Reviewers: %(kind)s", kind=hub.external_label(locale).text)
    return _("Reviewers of any kind")


def said(rules: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every rule of the lists with its value, and the calendar, in words."""
    slots = rules["slots"]
    seats = [(seats_label(kind), str(slots[kind])) for kind in slots if slots[kind]]
    found = [
        (str(label), value_words(name, rules[name]))
        for name, label in {**RULES, **OF_THE_FILE}.items()
        if name in rules
    ]
    return [*seats, *found, (_("Working days"), calendar_words(catalogue().workdays))]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What differs between two policies: what it is called, its old and its new value."""
    found = []
    for kind in ("internal", "external", "any"):
        old, new = (rules["slots"].get(kind, 0) for rules in (before, after))
        if old != new:
            found.append((seats_label(kind), str(old), str(new)))
    for name in sorted({*before, *after} - {"slots"}, key=_place):
        old, new = before.get(name), after.get(name)
        if old != new:
            label = str(RULES.get(name) or OF_THE_FILE.get(name, name))
            found.append((label, value_words(name, old), value_words(name, new)))
    return found


def remarks(before: Mapping[str, Any], after: Mapping[str, Any], *, editors: int) -> list[str]:
    """What a change of rules means beyond the words of the rule itself, where there is more."""
    found = []
    if after.get("second_sign_off") and not before.get("second_sign_off"):
        found.append(_of_second_person(editors))
    if after["anonymity"] == Anonymity.VISIBLE != before["anonymity"]:
        found.append(
            _(
                "Reviewers are told before they say yes that the submitter gets their names with "
                "the decision. Reviews that started under other rules stay anonymous."
            )
        )
    if after["published"] == Published.REPORTS != before["published"]:
        found.append(_("A comment is public only where an editor released it, and without a name."))
    return found


def _of_second_person(editors: int) -> str:
    if editors < 2:
        return _(
            "This hub has one editor, so nobody could confirm. Until there is a second one, each "
            "decision takes effect alone, and the history says why."
        )
    return ngettext(
        "%(num)d editor can confirm what another one decides. Where all of them have a stake in "
        "an item, the decision takes effect alone, and the history says why.",
        "%(num)d editors can confirm what one of them decides. Where all the others have a stake "
        "in an item, the decision takes effect alone, and the history says why.",
        editors,
    )


def value_words(name: str, value: Any) -> str:
    """One value in words; "–" where there was none."""
    if value is None:
        return "–"
    if name == "weights":
        return ", ".join(f"{FACETS.get(name, name)} {weight:g}" for name, weight in value.items())
    if name in CHOICES:
        return str(CHOICES[name].get(value, value))
    if name == "review_reminders":
        return reminders_words(value)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _place(name: str) -> tuple[int, str]:
    names = list(RULES)
    return (names.index(name) if name in RULES else len(names), name)
