"""A reviewer's page: finding what it is about, for the reviewer alone, and drawing it."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import actor, link_key
from reviewhub.core import clock
from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.reviews import forms, operations, policy, queries
from reviewhub.reviews.files import shown_files
from reviewhub.reviews.form import Questions, questions
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.drafts import Seen
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.questions import asked as questions_asked
from reviewhub.reviews.rules import Rules
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.entered import last_entry
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.forms import Form


def mine(assignment_id: int) -> tuple[Assignment, Submission]:
    """The assignment, for the reviewer who was asked; to everybody else it does not exist."""
    assignment = queries.find(assignment_id)
    if assignment is None or not policy.is_reviewer(actor(), assignment):
        raise unknown()
    return assignment, submissions.get(assignment.submission_id)


def unknown() -> NotFound:
    """What everybody hears who is not the reviewer, whether there is such a review or not."""
    return NotFound(_("This page is not for this account, or its link has been closed or renewed."))


def render(
    page: str,
    assignment: Assignment,
    submission: Submission,
    *,
    form: Form | None = None,
    seen: Seen | None = None,
    **more: Any,
) -> str:
    """One of the reviewer's pages; `form` is what was sent, where something has to be mended."""
    rules = rules_of(assignment.round)
    sees_others = policy.may_see_others(assignment, allowed_by_rules=rules.reviewers_see_each_other)
    if page == "write" and form is None:
        form = review_form(submission, _draft(assignment))
    return render_template(
        f"reviews/{page}.html",
        assignment=assignment,
        submission=submission,
        form=form,
        seen=seen or present(assignment),
        asked=asked_of(submission),
        rules=rules,
        review=assignment.review,
        suggested_by=_suggested_by(assignment, submission, rules),
        files=(
            shown_files(submission.id, hides_submitter=rules.hides_submitter)
            if policy.may_read_item(assignment)
            else []
        ),
        others=queries.others_reviews(assignment) if sees_others else [],
        panel_asked=questions_asked(assignment) if policy.may_read_item(assignment) else None,
        entry=last_entry(assignment),
        may_correct=operations.recording.correctable(assignment) is not None,
        extension_left=rules.extension_days - assignment.extended_days,
        now=clock.now(),
        **more,
    )


def _suggested_by(assignment: Assignment, submission: Submission, rules: Rules) -> str:
    """The submitter's name, for a reviewer who reads the item, where all identities are visible."""
    if not rules.names_reviewers or not policy.may_read_item(assignment):
        return ""
    return accounts.get(submission.submitter_id).name if submission.submitter_id else ""


def present(assignment: Assignment) -> Seen:
    """What a page that is opened now knows of the draft."""
    version = assignment.review.draft_version if assignment.review else 0
    return Seen(version, secrets.token_hex(8))


def is_sent(assignment: Assignment) -> bool:
    """Whether there is a review that was sent."""
    return assignment.review is not None and assignment.review.submitted_at is not None


def asked_of(submission: Submission) -> Questions:
    """The questions that this submission's reviewers answer."""
    return questions(catalogue().review_form, submission)


def review_form(submission: Submission, draft: Mapping[str, Any] | None = None) -> Form:
    """The form as it was sent, or, for a page that is opened, with the draft.

    Its token is looked at by the view, which hands back what was typed when it has expired.
    """
    kind = forms.review_form(asked_of(submission), catalogue())
    own = {"meta": {"csrf": False}}
    return kind(data=dict(draft), formdata=None, **own) if draft is not None else kind(**own)


def _draft(assignment: Assignment) -> dict[str, Any]:
    return dict(assignment.review.draft) if assignment.review else {}


def answers_of(form: Form) -> dict[str, Any]:
    """What was answered, as a draft keeps it."""
    return {
        name: value
        for name, value in form.data.items()
        if name != "csrf_token" and value not in {None, ""}
    }


def page_of(assignment: Assignment) -> str:
    """Where the reviewer goes on, with the link in hand."""
    return url_for("reviews.show", assignment_id=assignment.id, key=link_key() or None)
