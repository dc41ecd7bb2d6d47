"""Deciding on many reviewed items at once, where their panels say the same.

Each is decided on as if it were the only one, by the verb's own operation and with a letter of its
own; a panel that says anything else is left to be looked at by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reviewhub.accounts.actor import Actor
from reviewhub.admin.screening import Chosen, chosen_rows
from reviewhub.core.errors import DomainError, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import operations as reviews
from reviewhub.reviews.letters import draft_for
from reviewhub.reviews.models import PanelResult
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.operations.signing import needs_second, refuse_waiting, seconds_for
from reviewhub.reviews.policy import roles_towards
from reviewhub.reviews.queries import rules_for
from reviewhub.reviews.words import panel_result_label
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import LABELS, SubmissionWorkflow

VERBS = {one.name: one for one in (SubmissionWorkflow.approve, SubmissionWorkflow.reject)}
# Which results of a panel carry the decision without a look at each.
CARRIED_BY = {
    "approve": frozenset({PanelResult.INCLUDE, PanelResult.MAJORITY_INCLUDE}),
    "reject": frozenset({PanelResult.EXCLUDE, PanelResult.MAJORITY_EXCLUDE}),
}


@dataclass(frozen=True)
class Outlook:
    """What the decision would do to one item: a refusal, or the letter that its submitter gets."""

    ref: str
    title: str
    language: str
    version: int
    submitter: str
    refusal: str
    result: str = ""
    letter: str = ""
    second: str = ""  # who would have to confirm it first


def outlooks(verb: str, chosen: Sequence[Chosen], actor: Actor) -> list[Outlook]:
    """What the verb would do to each, in the order given; nothing is changed."""
    found = chosen_rows(chosen)
    return [_outlook(verb, found[one.ref], actor) for one in chosen if one.ref in found]


def decide_each(
    verb: str, actor: Actor, *, reason: str = "", note: str = ""
) -> Callable[[Submission], object]:
    """What `screening.apply_to` does to each; `note` stands before the letter of a refusal."""

    def decide(submission: Submission) -> None:
        refusal = why_not(verb, submission, actor)
        if refusal:
            raise WrongState(refusal)
        letter = draft_for(submission).text
        if verb == "approve":
            reviews.approve(submission, by=actor, note=letter)
            return
        text = "\n".join(part for part in (note, letter) if part)
        reviews.reject(submission, by=actor, reason=reason, note=text)

    return decide


def why_not(verb: str, submission: Submission, actor: Actor) -> str:
    """Why this item would be refused, or has to be looked at by itself; empty if neither."""
    try:
        refuse_compromised(submission, actor)
        if not VERBS[verb].is_open_to(submission, roles_towards(actor, submission)):
            return _("This step is not open: its state is “%(state)s”.",
                     state=LABELS[submission.state])  # fmt: skip
        refuse_waiting(submission)
    except DomainError as error:
        return str(error)
    result = submission.progress.panel_result
    if result not in CARRIED_BY[verb]:
        said = panel_result_label(result) or _("nobody has reviewed it")
        return _("Look at it by itself: %(result)s.", result=said)
    return ""


def _outlook(verb: str, submission: Submission, actor: Actor) -> Outlook:
    refusal = why_not(verb, submission, actor)
    person = submission.submitter
    known = Outlook(
        submission.ref,
        submission.title,
        submission.language,
        submission.version,
        person.shown_name if person else "",
        refusal,
    )
    return known if refusal else _with_letter(known, submission, actor)


def _with_letter(known: Outlook, submission: Submission, actor: Actor) -> Outlook:
    asks = needs_second(rules_for(submission.id), actor)
    seconds = seconds_for(submission, actor) if asks else []
    return Outlook(
        known.ref,
        known.title,
        known.language,
        known.version,
        known.submitter,
        "",
        result=panel_result_label(submission.progress.panel_result),
        letter=draft_for(submission).text,
        second=seconds[0].shown_name if seconds else "",
    )
