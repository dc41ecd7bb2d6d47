"""How alike texts are: what is read, what never is, and what it does to a panel."""

import pytest

from reviewhub.accounts.models import Person
from reviewhub.matching.rules import Facet
from reviewhub.reviews import operations, tasks, verified
from reviewhub.reviews.operations import outlook
from reviewhub.reviews.seat_reasons import seat_reasons_of
from reviewhub.reviews.texts import ItemText, ReviewerText, likeness_of, packed
from reviewhub.reviews.tuning import UNTUNED
from reviewhub.roster.publications import Publication
from reviewhub.submissions.workflow import State
from tests.constraints import refused_by
from tests.reviews.scene import Scene, accept, send

SUBJECT = "Seasonal herders and cross-border pasture agreements"
SECRET = "zanzibarquark"


@pytest.fixture
def scene(make, db, clock):
    scene = Scene(make, db, internal=3, external=6)
    scene.submission.title = SUBJECT
    scene.submission.description = "How pasture agreements let seasonal herders cross a border."
    db.flush()
    return scene


def publishes(db, member, title, key="k1"):
    db.add(Publication(membership_id=member.id, key=key, title=title))
    db.flush()


def text_part(seat):
    return next(part for part in seat.reasons["parts"] if part["name"] == Facet.TEXT)


def test_without_texts_a_panel_is_what_it_was(scene, db):
    before = outlook(scene.submission, UNTUNED, by=scene.by_editor)
    assert tasks.read_texts() == len(scene.members)  # nobody has written anything
    assert db.query(ItemText).count() == 0
    assert outlook(scene.submission, UNTUNED, by=scene.by_editor) == before
    assert "text" not in {part["name"] for part in before.seats[0].reasons["parts"]}


@pytest.mark.lasting
def test_whoever_wrote_on_it_comes_first_and_the_reasons_name_work_and_words(scene, db):
    author = scene.members[-1]
    publishes(db, author, "Pasture agreements of seasonal herders")
    scene.members[-2].statement = "I work on urban housing."
    db.flush()
    tasks.read_texts()
    found = outlook(scene.submission, UNTUNED, by=scene.by_editor)
    seat = next(seat for seat in found.seats if seat.person_id == author.person_id)
    part = text_part(seat)
    assert part["value"] == 1.0  # the best match of all
    assert part["matched"][0].startswith("publication:")
    assert "pasture" in part["matched"]
    scene.start()
    told = seat_reasons_of(scene.submission, scene.round)
    shown = next(one for one in told if one.assignment.person_id == author.person_id)
    assert "Pasture agreements of seasonal herders" in " ".join(p.matched for p in shown.parts)
    assert list(verified.faults()) == []


def test_only_who_changed_is_read_again_and_who_left_is_forgotten(scene, db, clock):
    first, second = scene.members[0], scene.members[1]
    first.statement = "Herders."
    db.flush()
    assert tasks.read_texts() > 0
    assert tasks.read_texts() == 0
    read = db.get(ReviewerText, second.person_id).read_at
    clock.advance(hours=1)
    publishes(db, first, "Pasture law")
    assert operations.read_texts() == 1
    assert db.get(ReviewerText, second.person_id).read_at == read
    assert operations.compare_items() == 1  # what waits is compared with the new work
    assert operations.compare_items() == 0
    scene.submission.title = "Something else"
    db.flush()
    assert operations.compare_items() == 1
    operations_end(db, first)
    assert operations.read_texts() == 1
    assert db.get(ReviewerText, first.person_id) is None


def operations_end(db, member):
    """The membership is over."""
    member.state, member.ended_at = "ended", db.get(Person, member.person_id).confirmed_at
    db.flush()
    db.expire_all()


@pytest.mark.lasting
def test_what_reviewers_say_and_what_is_not_public_is_never_read(scene, db):
    panel = scene.start()
    for one in panel:
        accept(one)
    for one in panel:
        send(
            one,
            comment_to_submitter=f"What is missing is {SECRET}, in every chapter.",
            comment_to_editor=f"Between us: {SECRET} is all that counts here.",
        )
    tasks.read_texts()
    rows = db.query(ReviewerText).all()
    assert [row.documents for row in rows if row.documents] == []
    scene.submission.state = State.PUBLISHED
    db.flush()
    other = scene.suggest(title=f"{SECRET}: a study", description="Of nothing else.")
    assert tasks.read_texts() > 0
    db.expire_all()
    kinds = {kind for row in db.query(ReviewerText) for kind, _id in row.documents}
    assert kinds == {"item"}
    _likeness, shared = likeness_of(other.id)
    assert all(SECRET not in words for words in shared.values())


def test_the_rows_keep_their_rules(scene, db):
    with refused_by(db, "ck_reviewer_texts_analyser_is_numbered"):
        row = ReviewerText(person_id=scene.editor.id, stamp="", terms=b"", analyser=0)
        db.add(row)
    people, alike = packed([1, 2], [0.5, 0.25])
    with refused_by(db, "ck_item_texts_one_figure_each"):
        db.add(
            ItemText(submission_id=scene.submission.id, stamp="", people=people, alike=alike[:4])
        )
    assert likeness_of(scene.submission.id) == ({}, {})
