"""Sending a suggestion: by its submitter at once, by a guest after confirming, by mail, again."""

from collections.abc import Mapping
from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import operations as accounts
from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean
from reviewhub.submissions import answers as answering
from reviewhub.submissions import duplicates, emails
from reviewhub.submissions.answers import Answers
from reviewhub.submissions.completeness import require_answers
from reviewhub.submissions.filing import difference, file_under, snapshot
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.drafts import (
    begin,
    close_anonymous_link,
    fill,
    forget_unsent,
    guest_days,
    require_editable,
)
from reviewhub.submissions.operations.owners import start_screening
from reviewhub.submissions.policy import roles_towards
from reviewhub.submissions.progress import set_counts, wait_for
from reviewhub.submissions.words import FIELDS
from reviewhub.submissions.workflow import State
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow

NOTE = (2, 3000)  # characters of a note, least and most


def ask_to_confirm(
    submission: Submission,
    *,
    by: Actor,
    email: str,
    name: str = "",
    locale: str = "en",
    timezone: str = "UTC",
) -> Person:
    """A guest sends: it stays a draft until the button behind the mailed link is pressed.

    Raises InvalidInput when answers are missing or the hub has the resource already.
    """
    require_editable(submission, by)
    if submission.state is not State.DRAFT:
        raise WrongState(_("This has been sent and can't be changed here any more."))
    person = accounts.know(email, name=name, locale=locale, timezone=timezone)
    before = submission.submitter_id
    if before is not None and before != person.id:
        # The address was mistyped at first: whoever has it must not follow this.
        links.revoke(Capability.SUBMISSION, submission.id, person_id=before)
    submission.submitter_id = person.id
    submission.consented_at = clock.now()
    db.session.flush()
    require_answers(submission)
    duplicates.refuse_same(submission, asker=by)
    forget_unsent(submission)
    wait_for(submission, person.id, clock.now() + guest_days())
    emails.confirm(submission, person)
    return person


def confirm(submission: Submission, *, by: Actor) -> None:
    """The guest pressed the button: the address is theirs, and the suggestion is sent.

    Raises NotAllowed for anybody but the holder of the mailed link, or the person signed in.
    """
    if by.acting_person_id is None or not _is_mailed_to(submission, by):
        raise NotAllowed(_("Use the link in the mail that we sent to confirm the address."))
    assert submission.submitter_id is not None
    accounts.confirm(people.get(submission.submitter_id))
    submit(submission, by=by)


def submit(submission: Submission, *, by: Actor, note: str = "", **data: Any) -> None:
    """Send it to the editors: a new round begins.

    Raises InvalidInput when answers are missing or the hub has the resource already, WrongState
    when it is sent already, NotAllowed for anybody but its submitter.
    """
    again = submission.state is State.CHANGES_REQUESTED
    person = _known_submitter(submission, by)
    if submission.consented_at is None:
        submission.consented_at = clock.now()
    require_answers(submission)
    duplicates.refuse_same(submission, asker=by)
    _send(submission, person, frozenset(roles_towards(by, submission)), by, note, data)
    emails.submit(submission)
    if again:
        emails.revise(submission, [str(FIELDS[name]) for name in data.get("changes", {})])
    else:
        emails.new(submission)


def revise(submission: Submission, answers: Answers, *, by: Actor, note: str) -> None:
    """Send the changed version, with a note on what was done; the difference is kept.

    Raises InvalidInput, naming the field, for answers that can't hold or a note too long.
    """
    note = clean(note)
    if not NOTE[0] <= len(note) <= NOTE[1]:
        raise InvalidInput(_("Say in a few words what you changed."), field="note")
    before = snapshot(submission)
    fill(submission, answers, by=by)
    submission.response_note = note
    db.session.flush()
    submit(submission, by=by, note=note, changes=difference(before, snapshot(submission)))


def record_for(
    answers: Answers, *, by: Actor, email: str, name: str = "", note: str = "", locale: str = "en"
) -> Submission:
    """An editor enters a suggestion that came by mail, in the name of whoever wrote it.

    The writer becomes the submitter and gets the tracking link; the history says who entered it.
    Raises NotAllowed for anybody but an editor, and for an editor's own suggestion.
    """
    if not by.has(Role.EDITOR):
        raise NotAllowed(_("Only an editor can enter what came by mail."))
    person = accounts.know(email, name=name, locale=locale)
    if person.id == by.person_id:
        raise InvalidInput(_("Suggest your own finds on the usual page."), field="email")
    answers = answering.checked(answers)
    submission = begin(by=Actor(person_id=person.id))
    answering.write(submission, answers)
    submission.consented_at = clock.now()  # consent was given in the mail: the editor says so
    file_under(submission, answering.terms_of(answers))
    db.session.flush()
    require_answers(submission)
    duplicates.refuse_same(submission, asker=by)
    record(submission, "record_for", actor_id=by.person_id, role=Role.EDITOR, note=clean(note))
    _send(submission, person, frozenset({Role.SUBMITTER}), by, "", {"entered_by_editor": True})
    emails.record_for(submission)
    emails.new(submission)
    return submission


def _send(
    submission: Submission,
    person: Person,
    roles: frozenset[Role],
    by: Actor,
    note: str,
    data: Mapping[str, Any],
) -> None:
    again = submission.state is State.CHANGES_REQUESTED
    _learn(person, submission)
    moment = clock.now()
    # The columns first: the database holds every sent suggestion to having its date.
    first_sent = submission.submitted_at
    submission.submitted_at = first_sent or moment
    try:
        move = Workflow.submit(submission, roles)
    except (NotAllowed, WrongState):
        submission.submitted_at = first_sent
        raise
    submission.reviewed_at = None
    submission.round += 1
    forget_unsent(submission)
    record(submission, move, actor_id=by.acting_person_id, note=note, **data)
    close_anonymous_link(submission)
    set_counts(submission, expected=0, received=0, panel_result="")
    start_screening(submission, keep_editor=again)
    db.session.flush()


def _learn(person: Person, submission: Submission) -> None:
    """What the answers say of the submitter, where it was not known: conflicts depend on it."""
    details = dict(submission.details)
    name, country = details.pop("organisation", ""), details.pop("country", "")
    if name and person.organisation_id is None:
        person.organisation_id = accounts.organisation(str(name), internal=False).id
    if country and not person.country:
        person.country = str(country)
    submission.details = details


def _known_submitter(submission: Submission, by: Actor) -> Person:
    if submission.submitter_id is None and by.person_id is not None:
        submission.submitter_id = by.person_id
    if submission.submitter_id is None:
        raise InvalidInput(_("Please say where we can reach you."), field="email")
    if not _is_mailed_to(submission, by):
        # The link under which a draft was begun proves nothing about the address given later.
        raise NotAllowed(_("Use the link in the mail that we sent to confirm the address."))
    person = people.get(submission.submitter_id)
    if person.confirmed_at is None:
        raise WrongState(_("Confirm your address first, with the link in the mail."))
    return person


def _is_mailed_to(submission: Submission, by: Actor) -> bool:
    """Whether the actor shows that the submitter's mail reaches them."""
    if submission.submitter_id is None:
        return False
    if by.person_id == submission.submitter_id:
        return True
    grant = by.grant
    return (
        grant is not None
        and by.holds_link_to(Capability.SUBMISSION, submission.id)
        and grant.person_id == submission.submitter_id
    )
