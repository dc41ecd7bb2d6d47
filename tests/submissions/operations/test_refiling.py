"""Correcting the record before publication."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.submissions import operations
from reviewhub.submissions.answers import codes_of
from reviewhub.submissions.models import Breadth, Licence, Submission
from reviewhub.submissions.operations.refiling import Refiling, refiling_of
from reviewhub.submissions.workflow import OPEN, State
from reviewhub.taxonomy.models import Vocabulary as V
from tests.factories import Factory

Signed = Callable[[Person], Actor]


@pytest.fixture
def submission(db: Any, clock: Any, make: Factory) -> Submission:
    """Waits for screening."""
    return make.submission(details={"organisation": "Institute of Crossings", "country": "KEN"})


def changed(submission: Submission, **answers: Any) -> Refiling:
    """The filing as it is, but for these answers."""
    now = refiling_of(submission)
    return replace(now, answers=replace(now.answers, **answers))


def test_the_difference_is_kept_in_the_history(
    submission: Submission, editor: Person, by: Signed
) -> None:
    refiling = replace(
        changed(submission, title="A better title", topics=("20", "14")),
        breadth=Breadth.BROAD,
        licence=Licence.OPEN,
        title_en="  A better   title ",
        languages=("en", "fr"),
    )
    changes = operations.refile(
        submission, refiling, by=by(editor), version=submission.version, note="As on the cover."
    )
    assert changes["topics"] == [["14"], ["20", "14"]]
    assert set(changes) == {"title", "title_en", "topics", "breadth", "licence", "languages"}
    event = history("submissions", submission.id)[-1]
    assert (event.verb, event.note, event.actor_id) == ("refile", "As on the cover.", editor.id)
    assert event.data["changes"] == changes
    assert codes_of(submission, V.LANGUAGES) == ("en", "fr")


def test_saving_without_a_change_writes_no_history(
    submission: Submission, editor: Person, by: Signed
) -> None:
    now = refiling_of(submission)
    assert operations.refile(submission, now, by=by(editor), version=submission.version) == {}
    assert history("submissions", submission.id) == []


def test_an_old_page_is_refused(submission: Submission, editor: Person, by: Signed) -> None:
    old = submission.version
    operations.refile(
        submission, changed(submission, title="By the first"), by=by(editor), version=old
    )
    with pytest.raises(WrongState, match="Somebody else changed this first"):
        operations.refile(
            submission, changed(submission, title="By the second"), by=by(editor), version=old
        )
    assert submission.title == "By the first"


def test_a_new_filing_alone_makes_the_page_old_too(
    db: Any, submission: Submission, editor: Person, by: Signed
) -> None:
    old = submission.version
    operations.refile(submission, changed(submission, topics=("20",)), by=by(editor), version=old)
    db.flush()
    assert submission.version > old


def test_what_the_submitter_said_of_themselves_stays(
    db: Any, submission: Submission, editor: Person, by: Signed
) -> None:
    submission.for_government = "KEN"
    db.flush()
    refiling = changed(
        submission, why_useful="x" * 40, organisation="", country="", for_government=False
    )
    operations.refile(submission, refiling, by=by(editor), version=submission.version)
    assert submission.why_useful.startswith("It is the only handbook")
    assert submission.details == {"organisation": "Institute of Crossings", "country": "KEN"}
    assert submission.for_government == "KEN"


@pytest.mark.parametrize("state", list(State))
def test_it_is_corrected_while_it_is_open(
    db: Any, make: Factory, editor: Person, by: Signed, state: State
) -> None:
    submission = make.submission(state=state)
    refiling = changed(submission, title="Another title")
    if state in OPEN:
        assert operations.refile(submission, refiling, by=by(editor), version=submission.version)
        return
    with pytest.raises(WrongState):
        operations.refile(submission, refiling, by=by(editor), version=submission.version)


def test_only_an_editor_without_a_stake_corrects(
    db: Any, make: Factory, editor: Person, by: Signed
) -> None:
    make.editor("Otto Other")
    own = make.submission(submitter_id=editor.id)
    for actor in (by(editor), by(make.person())):
        with pytest.raises(NotAllowed):
            operations.refile(own, refiling_of(own), by=actor, version=own.version)


def test_the_only_editor_completes_the_record_of_their_own_suggestion(
    db: Any, make: Factory, editor: Person, by: Signed
) -> None:
    own = make.submission(submitter_id=editor.id)
    wanted = replace(refiling_of(own), title_en="A guide to border posts")
    changes = operations.refile(own, wanted, by=by(editor), version=own.version)
    assert set(changes) == {"title_en"}
    with pytest.raises(NotAllowed):
        operations.refile(own, wanted, by=by(make.person()), version=own.version)


@pytest.mark.parametrize(
    ("refiling", "field"),
    [
        ({"title_en": "x" * 301}, "title_en"),
        ({"themes": ("no-such-theme",)}, "themes"),
        ({"languages": ("xx",)}, "languages"),
    ],
)
def test_an_editors_mistake_is_said_beside_its_field(
    submission: Submission, editor: Person, by: Signed, refiling: dict[str, Any], field: str
) -> None:
    wanted = replace(refiling_of(submission), **refiling)
    with pytest.raises(InvalidInput) as refused:
        operations.refile(submission, wanted, by=by(editor), version=submission.version)
    assert refused.value.field == field
