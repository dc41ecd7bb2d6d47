"""What starts and ends without an editor: by the policy, or because no editor is free."""

from datetime import timedelta

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core import clock as core_clock
from reviewhub.library import tasks as library
from reviewhub.reviews import operations, queries, tasks
from reviewhub.reviews.models import PanelResult
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.models import Decision, DecisionKind, Licence
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, as_editor, send

NOTE = "The second edition came out last month."


def suggested(scene):
    """A suggestion that has just been sent."""
    scene.submission = scene.suggest(state=State.DRAFT)
    submissions.submit(scene.submission, by=scene.by_submitter)
    return scene.submission


def own(scene):
    """A suggestion of the scene's editor, who is the only member of staff."""
    scene.submission = item = scene.make.submission(submitter_id=scene.editor.id, state=State.DRAFT)
    scene.db.get_one(Person, scene.editor.id).country = "KEN"
    scene.editor.organisation_id = scene.make.organisation().id
    scene.db.flush()
    submissions.submit(item, by=as_editor(scene.editor))
    return item


def judged(scene, *said):
    """Have the sweeps start and fill the review, and let each member of the panel answer."""
    assert operations.screen(scene.submission)
    panel = scene.fill()
    for one in panel:
        accept(one)
    for one, recommendation in zip(panel, said, strict=True):
        send(one, recommendation)
    return panel


def test_an_editor_looks_first_by_default(make, db, clock):
    scene = Scene(make, db)
    item = suggested(scene)
    assert queries.to_screen(core_clock.now()) == [item.id]
    assert not operations.screen(item)
    assert queries.to_screen(core_clock.now()) == [], "and nobody asks again"
    assert item.state is State.SUBMITTED


def test_a_hub_without_screening_starts_at_once(make, db, clock):
    scene = Scene(make, db, screening="none")
    item = suggested(scene)
    db.commit()
    assert tasks.screen() == 1
    assert item.state is State.IN_REVIEW
    assert item.progress.editor_id == scene.editor.id, "somebody looks after it all the same"


def test_without_an_editor_a_link_is_listed_as_a_link(make, db, clock):
    scene = Scene(make, db, screening="none")
    item = suggested(scene)
    item.licence = None
    assert operations.screen(item)
    assert item.licence is Licence.LINK_ONLY
    assert [one.role for one in history("submissions", item.id) if one.verb == "refile"] == [
        "system"
    ]


def test_a_file_waits_for_somebody_to_allow_it(make, db, clock):
    scene = Scene(make, db, screening="none")
    item = suggested(scene)
    item.licence, item.url = None, ""
    assert not operations.screen(item)
    assert item.licence is None


def test_what_lacks_something_waits_for_its_editor(make, db, clock):
    scene = Scene(make, db, screening="none")
    item = suggested(scene)
    item.publisher = ""
    assert not operations.screen(item)
    assert (item.state, item.progress.owner_id) == (State.SUBMITTED, scene.editor.id)
    refiling = submissions.refiling.refiling_of(item)
    answers = type(refiling.answers)(**{**vars(refiling.answers), "publisher": "Border Press"})
    db.flush()
    submissions.refile(
        item, type(refiling)(**{**vars(refiling), "answers": answers}),
        by=scene.by_editor, version=item.version,
    )  # fmt: skip
    assert queries.to_screen(core_clock.now()) == [item.id], "what was missing is there now"
    assert operations.screen(item)


@pytest.mark.parametrize(("published", "passes"), [(2, False), (3, True)])
def test_a_trusted_submitter_passes(make, db, clock, published, passes):
    scene = Scene(make, db, screening="trusted", trusted_after=3)
    item = suggested(scene)
    for _one in range(published):
        make.submission(submitter_id=item.submitter_id, state=State.PUBLISHED)
    assert operations.screen(item) is passes


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("said", "result", "state"),
    [
        (("include",) * 3, PanelResult.INCLUDE, State.APPROVED),
        (("include", "include", "include_corrected"), PanelResult.CORRECT, State.APPROVED),
        (("do_not_include",) * 3, PanelResult.EXCLUDE, State.REJECTED),
    ],
)
def test_the_only_editors_own_item_is_decided_by_its_panel(make, db, clock, said, result, state):
    scene = Scene(make, db, on_include="ask_editor", on_approval="wait_for_editor")
    item = own(scene)
    judged(scene, *said)
    assert (scene.round.result, item.state) == (result, state)
    assert db.query(Decision).one().by_panel
    if state is State.APPROVED:
        assert item.publish_at is not None, "no editor is there to publish it"


@pytest.mark.lasting
@pytest.mark.parametrize(
    ("said", "last", "kind"),
    [
        (("include", "include", "do_not_include"), "include", DecisionKind.APPROVED),
        (("include", "do_not_include", "do_not_include"), "include", DecisionKind.REJECTED),
        (("include", "do_not_include", "do_not_include"), "do_not_include", DecisionKind.REJECTED),
    ],
)
def test_a_split_on_it_is_settled_by_the_tie_breaker(make, db, clock, said, last, kind):
    scene = Scene(make, db)
    own(scene)
    judged(scene, *said)
    (tie_breaker,) = scene.fill()
    accept(tie_breaker)
    send(tie_breaker, last)
    decision = db.query(Decision).one()
    assert (decision.kind, decision.by_panel) == (kind, True)


@pytest.mark.lasting
def test_a_failed_gate_on_it_rejects_and_leaves_the_appeal_open(make, db, clock):
    scene = Scene(make, db)
    item = own(scene)
    assert operations.screen(item)
    panel = scene.fill()
    for one in panel:
        accept(one)
    for one in panel:
        send(one, "include", gate_in_scope="no")
    assert (scene.round.result, item.state) == (PanelResult.GATE, State.REJECTED)
    clock.advance(minutes=16)
    operations.appeal(item, by=as_editor(scene.editor), note=NOTE)
    assert item.state is State.SUBMITTED


@pytest.mark.lasting
def test_an_appeal_against_the_only_editor_goes_to_a_fresh_panel(make, db, clock):
    scene = Scene(make, db, internal=4, external=8)
    first = scene.reviewed("do_not_include", "do_not_include", "do_not_include")
    operations.reject(scene.submission, by=scene.by_editor, reason="outdated", note="")
    clock.advance(minutes=16)
    operations.appeal(scene.submission, by=scene.by_submitter, note=NOTE)
    second = judged(scene, "include", "include", "include")
    assert not {one.person_id for one in first} & {one.person_id for one in second}
    assert scene.submission.state is State.APPROVED


def test_a_hub_whose_editor_is_away_waits_for_them(make, db, clock):
    scene = Scene(make, db)
    scene.editor.away_until = core_clock.now() + timedelta(days=14)
    item = suggested(scene)
    assert not operations.screen(item)
    assert (item.state, item.progress.owner_id) == (State.SUBMITTED, scene.editor.id)


def test_a_hub_without_editors_waits_for_one(make, db, clock):
    item = make.submission(state=State.DRAFT)
    db.get_one(Person, item.submitter_id).country = "KEN"
    submissions.submit(item, by=Actor(item.submitter_id))
    assert not operations.screen(item)
    assert item.state is State.SUBMITTED


@pytest.mark.lasting
def test_the_only_editors_own_item_reaches_the_library_by_itself(make, db, clock):
    scene = Scene(make, db)
    item = own(scene)
    db.commit()
    tasks.screen()
    tasks.fill_panels()
    for one in scene.round.assignments:
        accept(one)
        send(one)
    db.commit()
    clock.advance(minutes=16)
    library.publish_due()
    db.refresh(item)
    assert item.state is State.PUBLISHED


@pytest.mark.lasting
def test_two_reviewers_of_any_kind_are_a_panel(make, db, clock):
    scene = Scene(
        make, db, internal=1, external=2, slots={"any": 2}, anonymity="double",
        on_include="ask_editor",
    )  # fmt: skip
    scene.reviewed("include", "include")
    assert [slot for slot, _state in scene.states()] == [Slot.ANY, Slot.ANY]
    assert (scene.round.result, scene.submission.state) == (PanelResult.INCLUDE, State.REVIEWED)
    assert scene.sent_to("finish_review") == [scene.editor.email]
