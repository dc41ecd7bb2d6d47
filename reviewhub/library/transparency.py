"""What a hub says in public of its reviewing, in the words of its own policy.

The four categories and their values follow ANSI/NISO Z39.106-2023, the standard terminology for
peer review.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewhub.core.i18n import _, _l, ngettext
from reviewhub.library.models import Origin, Resource
from reviewhub.taxonomy.catalogue import Catalogue, Label

ORIGINS = {
    Origin.REVIEWED: _l("Peer reviewed"),
    Origin.CHECKED: _l("Team checked"),
    Origin.IMPORTED: _l("Imported"),
}
ORIGIN_SENTENCES = {
    Origin.REVIEWED: _l("Experts outside the team read it and approved it for inclusion."),
    Origin.CHECKED: _l("The hub's team entered and checked it. No panel has reviewed it."),
    Origin.IMPORTED: _l(
        "It came with a collection that was taken over as a whole. Nobody here has reviewed it."
    ),
}

IDENTITY = {
    "visible": _l("All identities visible"),
    "single": _l("Single anonymized: reviewers know who submitted, submitters not who reviewed"),
    "double": _l("Double anonymized: neither side knows the other"),
    "triple": _l("Triple anonymized: the editors do not know the submitter either"),
}
PUBLISHED = {
    "review_summary": _l("Review summaries"),
    "reports": _l("Review reports"),
    "nothing": _l("Nothing"),
}
COMMENTING = {
    "none": _l("None"),
    "open": _l("Open to everybody"),
    "invitation": _l("On invitation"),
}


@dataclass(frozen=True)
class Criterion:
    """One criterion with what each score means, in the order of the scores."""

    label: Label
    anchors: tuple[Label, ...]


def panel_rule(hub: Catalogue, locale: str) -> str:
    """The panel rule in words, such as "1 inside and 2 outside reviewers"."""
    slots = hub.policy["slots"]
    kinds = [int(slots.get(kind, 0)) for kind in ("internal", "external", "any")]
    return _slots(kinds[0], kinds[1], hub, locale, of_any_kind=kinds[2])


def niso(policy: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The four categories of the standard, each with what holds here."""
    with_whom = [_("editors")]
    if policy["reviewers_see_each_other"]:
        with_whom.append(_("the other reviewers, after their own review"))
    return [
        (str(_("Identity transparency")), _said(IDENTITY, policy["anonymity"])),
        (str(_("Reviewer interacts with")), ", ".join(str(one) for one in with_whom)),
        (str(_("Review information published")), _said(PUBLISHED, policy["published"])),
        (str(_("Post-publication commenting")), _said(COMMENTING, policy["commenting"])),
    ]


def steps(policy: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What happens to a suggestion, each step with how long it may take."""
    return [
        (str(_("An editor screens it: is it in scope, complete and not here already?")),
         _days(policy["screening_days"])),
        (str(_("Reviewers are invited, and say first whether they have a conflict of interest.")),
         _working_days(policy["invitation_expiry_working_days"])),
        (str(_("They read it and answer the criteria below.")), _days(policy["review_days"])),
        (str(_("Where they disagree, one more reviewer is asked. Then it is decided.")),
         _days(policy["decision_days"])),
    ]  # fmt: skip


def criteria(hub: Catalogue, locale: str) -> list[Criterion]:
    """The criteria that every review answers."""
    return [
        Criterion(
            hub.words(one["labels"], locale),
            tuple(hub.words(text, locale) for _score, text in sorted(one["anchors"].items())),
        )
        for one in hub.review_form["criteria"]
        if one["default"]
    ]


def gates(hub: Catalogue, locale: str) -> list[Label]:
    """The questions that every reviewer answers with yes or no first."""
    return [
        hub.words(one["labels"], locale)
        for one in hub.review_form["gates"]
        if one["default"] and one["asked_of"] == "reviewer"
    ]


def rejection_reasons(hub: Catalogue, locale: str) -> list[Label]:
    """Why a suggestion may be turned down."""
    return [hub.words(one["labels"], locale) for one in hub.reasons["rejection"]]


def reviewed_by(resource: Resource, hub: Catalogue, locale: str) -> str:
    """ "Reviewed by 3 reviewers (1 inside, 2 outside)"; "" where the decision does not say."""
    summary = resource.review_summary
    number = summary.get("reviewers")
    if not number:
        return ""
    kinds = ", ".join(
        f"{summary[kind]} {label}"
        for kind, label in (
            ("internal", hub.internal_label(locale)),
            ("external", hub.external_label(locale)),
        )
        if summary.get(kind)
    )
    sentence = ngettext("Reviewed by %(num)d reviewer", "Reviewed by %(num)d reviewers", number)
    return f"{sentence} ({kinds})" if kinds else str(sentence)


def decided_under(resource: Resource) -> str:
    """Who decided, and under which version of the policy."""
    summary = resource.review_summary
    who = _("Decided by the panel") if summary.get("by") == "panel" else _("Decided by an editor")
    if summary.get("policy"):
        return str(_("%(who)s, under policy %(number)s", who=who, number=summary["policy"]))
    return str(who)


def _slots(
    internal: int, external: int, hub: Catalogue, locale: str, *, of_any_kind: int = 0
) -> str:
    parts = [
        f"{number} {label}".rstrip()
        for number, label in (
            (internal, hub.internal_label(locale)),
            (external, hub.external_label(locale)),
            (of_any_kind, ""),
        )
        if number
    ]
    kinds = str(_(" and ")).join(parts)
    number = internal + external + of_any_kind
    words = ngettext("%(kinds)s reviewer", "%(kinds)s reviewers", number, kinds=kinds)
    return str(words)


def _said(values: Mapping[str, Any], value: str) -> str:
    return str(values.get(value, value))


def _days(number: int) -> str:
    return str(ngettext("within %(num)d day", "within %(num)d days", number))


def _working_days(number: int) -> str:
    return str(ngettext("within %(num)d working day", "within %(num)d working days", number))
