"""Correcting title, description and filing before publication, with the difference kept."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line
from reviewhub.submissions import answers as answering
from reviewhub.submissions.answers import Answers, codes_of, term
from reviewhub.submissions.filing import difference, file_under, snapshot
from reviewhub.submissions.models import Breadth, Licence, Submission
from reviewhub.submissions.policy import may_refile, roles_towards
from reviewhub.submissions.workflow import OPEN, State
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.models import Vocabulary as V
from reviewhub.taxonomy.queries import catalogue

LONGEST_TITLE = 300


@dataclass(frozen=True)
class Refiling:
    """The answers as an editor sees them, and what only an editor says."""

    answers: Answers
    title_en: str = ""
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    breadth: Breadth | None = None
    licence: Licence | None = None


def refiling_of(submission: Submission) -> Refiling:
    """What the row says now."""
    return Refiling(
        answers=answering.answers_of(submission),
        title_en=submission.title_en,
        themes=codes_of(submission, V.THEMES),
        languages=codes_of(submission, V.LANGUAGES),
        breadth=submission.breadth,
        licence=submission.licence,
    )


def refile(
    submission: Submission, refiling: Refiling, *, by: Actor, version: int, note: str = ""
) -> dict[str, list[Any]]:
    """Correct the record, and return what changed: each field with its old and new value.

    `version` is that of the page which was filled in. Raises WrongState when the row has changed
    since or can't be refiled any more, NotAllowed for anybody but an editor without a stake.
    """
    _require_refilable(submission, by)
    if submission.version != version:
        raise WrongState(_("Somebody else changed this first. Look at it again before you go on."))
    refiling = _checked(refiling)
    before = snapshot(submission)
    _write(submission, refiling)
    file_under(submission, _terms(refiling))
    db.session.flush()
    changes = difference(before, snapshot(submission))
    if changes:
        flag_modified(submission, "updated_at")  # a filing alone would leave the version as it was
        record(
            submission, "refile", actor_id=by.acting_person_id, role=Role.EDITOR, note=note,
            changes=changes,
        )  # fmt: skip
        if submission.state is State.SUBMITTED:
            submission.progress.screen_at = clock.now()  # nothing may be missing any more
    return changes


def _require_refilable(submission: Submission, by: Actor) -> None:
    if may_refile(by, submission):
        return
    if submission.state not in OPEN and Role.EDITOR in roles_towards(by, submission):
        raise WrongState(_("This has moved on: its filing can't be corrected here."))
    raise NotAllowed(_("You may not do this here."))


def _checked(refiling: Refiling) -> Refiling:
    title_en = clean_line(refiling.title_en)
    if len(title_en) > LONGEST_TITLE:
        raise InvalidInput(
            _("At most %(number)d characters.", number=LONGEST_TITLE), field="title_en"
        )
    return replace(refiling, answers=answering.checked(refiling.answers), title_en=title_en)


def _write(submission: Submission, refiling: Refiling) -> None:
    kept = answering.answers_of(submission)
    answers = replace(
        refiling.answers,
        # What the submitter said of themselves and of their reasons is not the editor's to change.
        why_useful=kept.why_useful,
        organisation=kept.organisation,
        country=kept.country,
    )
    government = submission.for_government
    answering.write(submission, answers)
    submission.for_government = government
    submission.title_en = refiling.title_en
    submission.breadth = refiling.breadth
    submission.licence = refiling.licence


def _terms(refiling: Refiling) -> list[TermView]:
    own = answering.terms_of(refiling.answers)
    own += [term(V.THEMES, code, "themes") for code in refiling.themes]
    languages = [term(V.LANGUAGES, code, "languages") for code in refiling.languages]
    spoken = catalogue().vocabulary(V.LANGUAGES)
    # The hub's languages come from the list of all of them, which the main one is part of.
    main = [t for t in spoken if t.code == refiling.answers.language]
    return [t for t in own if t.vocabulary != V.LANGUAGES] + main + languages
