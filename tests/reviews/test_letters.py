"""The letter that is drafted from a panel's reviews, and what of them reaches the submitter."""

from typing import get_type_hints

import pytest

from reviewhub.accounts.models import Person
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import force_locale
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import letters, operations
from reviewhub.reviews.letters import Source, draft_for
from reviewhub.reviews.models import ForEditors, ForSubmitter, Review
from reviewhub.submissions.letters import Letter, letter_for_changes, letter_of, view_of
from reviewhub.submissions.models import Decision
from reviewhub.submissions.workflow import State
from tests.constraints import refused_by
from tests.reviews.scene import Scene, send

OPEN, SECRET = "Its tables end in 2016 and should say so.", "I know the author a little."


@pytest.fixture
def scene(make, db, clock):
    """Three reviews: one finds the evidence weak, one answers a gate with no."""
    return reviewed(Scene(make, db, on_include="ask_editor"))


def reviewed(scene):
    """A panel in which the first finds a flaw and the second closes a gate."""
    first, second, third = scene.panel()
    send(first, "include", score_evidence="1", comment_to_submitter=OPEN, comment_to_editor=SECRET)
    send(second, "do_not_include", gate_in_scope="no", comment_to_editor=SECRET)
    send(third, "include", score_evidence="1")
    scene.db.flush()
    return scene


def source_of(scene, place):
    """The source that the review in this place of the panel has become."""
    seat = scene.round.assignments[place]
    return next(one for one in draft_for(scene.submission).sources if one.assignment_id == seat.id)


def mail_to_submitter(db, event):
    message = db.query(Message).filter_by(event=f"reviews/{event}").one()
    return render(message).get_body(("plain",)).get_content()


def test_the_draft_says_the_result_the_closed_gate_and_what_scored_low(scene):
    draft = draft_for(scene.submission)
    first, second, third = (source_of(scene, place).number for place in range(3))
    said = [(sentence.text, set(sentence.numbers)) for sentence in draft.sentences]
    assert said[0] == ("The reviewers see a condition that it does not meet.", {1, 2, 3})
    assert said[1][0].startswith(f"Reviewer {second}: “no” to the question “")
    assert said[1][1] == {second}
    assert said[2][0].startswith("Evidence and transparency of method: “Some sources; method not")
    assert said[2][1] == {first, third}
    assert len(said) == 3


def test_no_word_of_a_reviewer_is_in_the_draft_by_itself(scene):
    text = draft_for(scene.submission).text
    assert OPEN not in text
    assert SECRET not in text
    assert not [
        name
        for one in scene.round.assignments
        if (name := scene.db.get_one(Person, one.person_id).name) in text
    ]


def test_the_draft_is_in_the_language_of_the_submitter(scene, db, monkeypatch):
    db.get_one(Person, scene.submission.submitter_id).locale = "fr"
    db.flush()
    asked = []
    monkeypatch.setattr(
        letters, "force_locale", lambda code: asked.append(code) or force_locale(code)
    )
    assert draft_for(scene.submission).sentences
    assert asked == ["fr"]


@pytest.mark.lasting
def test_numbers_tell_nothing_of_the_order_of_seats(make, db, clock):
    orders = set()
    for _again in range(6):
        scene = Scene(make, db, on_include="ask_editor")
        scene.reviewed("include", "include", "include")
        orders.add(tuple(source_of(scene, place).number for place in range(3)))
    assert len(orders) > 1


def test_without_reviews_or_once_decided_there_is_no_draft(scene, make):
    assert draft_for(make.submission()).text == ""
    operations.approve(scene.submission, by=scene.by_editor)
    assert draft_for(scene.submission).text == ""


def test_a_comment_goes_out_where_an_editor_released_it_and_nowhere_else(scene, db):
    first = source_of(scene, 0)
    decision = operations.reject(
        scene.submission, by=scene.by_editor, reason="outdated", note="It is old.",
        release=[first.assignment_id],
    )  # fmt: skip
    letter = letter_of(decision)
    assert letter.released == [{"number": first.number, "text": OPEN}]
    assert letter.people == {}
    mail = mail_to_submitter(db, "reject")
    assert "It is old." in mail
    assert f"Reviewer {first.number} writes:" in mail
    assert mail.count(OPEN) == 1
    assert SECRET not in mail
    assert "Clear, recent" not in mail, "the others were not released"


def test_the_mail_of_an_approval_carries_the_editors_words(scene, db):
    operations.approve(scene.submission, by=scene.by_editor, note="Thank you for the annex.")
    mail = mail_to_submitter(db, "approve")
    assert "Thank you for the annex." in mail
    assert OPEN not in mail
    assert "writes:" not in mail


def test_a_wish_for_changes_carries_what_was_released_and_keeps_it(scene, db):
    first = source_of(scene, 0)
    wanted = f"Please add the years.\n{draft_for(scene.submission).sentences[2].text}"
    operations.request_changes(
        scene.submission, by=scene.by_editor, wanted=wanted, release=[first.assignment_id]
    )
    letter = letter_for_changes(scene.submission.id)
    assert (letter.decision_id, letter.released[0]["text"]) == (None, OPEN)
    assert list(letter.sources) == ["1"], "the first line is the editor's own"
    assert OPEN in mail_to_submitter(db, "request_changes")


def test_a_line_keeps_its_sources_until_it_is_edited(scene):
    draft = draft_for(scene.submission)
    kept, edited = draft.sentences[1].text, draft.sentences[2].text + " We think so too."
    decision = operations.reject(
        scene.submission, by=scene.by_editor, reason="outdated", note=f"{edited}\n\n{kept}"
    )
    view = view_of(decision.text, letter_of(decision))
    assert view.lines == ((edited, ()), (kept, draft.sentences[1].numbers))
    assert [voice.number for voice in view.voices] == list(draft.sentences[1].numbers)


@pytest.mark.lasting
@pytest.mark.parametrize("verb", ["approve", "reject", "request_changes"])
def test_only_a_comment_of_this_panel_can_be_released(scene, make, db, verb):
    others = Scene(make, db, on_include="ask_editor")
    others.reviewed("include", "include", "include")
    foreign = others.round.assignments[0].id
    given = {
        "approve": {}, "reject": {"reason": "outdated", "note": ""},
        "request_changes": {"wanted": "Please add the years."},
    }[verb]  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        getattr(operations, verb)(scene.submission, by=scene.by_editor, release=[foreign], **given)
    assert refused.value.field == "release"
    assert scene.submission.state is State.REVIEWED


@pytest.mark.lasting
def test_a_panel_that_decides_by_itself_releases_nothing(make, db, clock):
    scene = Scene(make, db)
    scene.reviewed("include", "include", "include")
    assert db.query(Decision).one().by_panel
    assert db.query(Letter).count() == 0
    assert "Clear, recent" not in mail_to_submitter(db, "approve")


def test_what_is_for_editors_only_is_of_another_type():
    hints = get_type_hints(Source)
    assert hints["comment"] is ForSubmitter
    assert ForEditors not in hints.values()
    columns = Review.__annotations__
    assert columns["comment_to_submitter"].__args__ == (ForSubmitter,)
    assert columns["comment_to_editor"].__args__ == (ForEditors,)


def test_a_decision_has_one_letter(scene, db):
    first = source_of(scene, 0)
    decision = operations.reject(
        scene.submission, by=scene.by_editor, reason="outdated", note="",
        release=[first.assignment_id],
    )  # fmt: skip
    with refused_by(db, "uq_letters_decision"):
        db.add(Letter(submission_id=scene.submission.id, decision_id=decision.id))
