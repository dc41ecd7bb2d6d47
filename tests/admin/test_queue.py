"""The desk's list: what comes first, what each viewer sees of it, and what it costs."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.admin import counts, queue
from reviewhub.admin.filters import Filter, Sort, Whose
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations import start_review
from reviewhub.reviews.workflow import Slot
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import ApplicationState
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.admin.queries import counted
from tests.constraints import refused_by


def as_editor(person):
    return Actor(person_id=person.id, roles=person.roles)


def waiting(make, clock, editor, *, days, **values):
    progress = Progress(
        editor_id=editor.id, owner_id=editor.id, due_at=clock() + timedelta(days=days)
    )
    return make.submission(progress=progress, **values)


def test_what_is_overdue_longest_comes_first(make, clock):
    editor = make.editor()
    for days in (3, -2, 1, -5):
        waiting(make, clock, editor, days=days, title=f"Due in {days} days")
    titles = [row.title for row in queue.rows(Filter(Whose.ACTION), as_editor(editor))]
    assert titles == [f"Due in {days} days" for days in (-5, -2, 1, 3)]


def test_what_waits_for_somebody_else_needs_not_me(make, clock):
    editor, other = make.editor(), make.editor()
    waiting(make, clock, other, days=1)
    assert queue.rows(Filter(Whose.ACTION), as_editor(editor)) == []
    assert len(queue.rows(Filter(Whose.ALL), as_editor(editor))) == 1


def test_an_own_suggestion_never_needs_me(make, clock):
    editor = make.editor()
    make.submission(submitter_id=editor.id, progress=Progress(due_at=clock()))
    assert queue.rows(Filter(Whose.ACTION), as_editor(editor)) == []


def test_what_goes_public_by_itself_needs_nobody(make, clock):
    editor = make.editor()
    waiting(make, clock, editor, days=1, state=State.APPROVED, publish_at=clock())
    assert queue.rows(Filter(Whose.ACTION), as_editor(editor)) == []


def test_the_pages_of_a_long_list_meet_without_gap_or_repeat(make, clock, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 3)
    editor = make.editor()
    submitter = make.person()
    for number in range(5):  # all due at the same moment: the id decides
        progress = Progress(editor_id=editor.id, due_at=clock())
        make.submission(submitter_id=submitter.id, progress=progress, title=f"Dated {number}")
    for number in range(4):
        make.submission(submitter_id=submitter.id, title=f"Undated {number}")
    seen, after = [], ""
    for _page in range(4):
        found = queue.rows(Filter(Whose.ALL), as_editor(editor), after=after)
        seen += [row.title for row in found[:3]]
        if len(found) <= 3:
            break
        after = found[2].key(Sort.DUE)
    assert seen == [f"Dated {n}" for n in range(5)] + [f"Undated {n}" for n in (3, 2, 1, 0)]


@pytest.mark.parametrize("nonsense", ["x", "|", "2026-01-01T00:00:00|5", "|99999999999999999999"])
def test_a_key_that_makes_no_sense_shows_a_list_all_the_same(make, clock, nonsense):
    editor = make.editor()
    queue.rows(Filter(Whose.ALL), as_editor(editor), after=nonsense)


def test_a_draft_is_on_nobodys_desk(make):
    make.submission(state=State.DRAFT, title="Not ready yet")
    editor = as_editor(make.editor())
    assert queue.rows(Filter(Whose.ALL), editor) == []
    assert queue.rows(Filter(Whose.ALL, text="Not ready"), editor) == []
    assert Filter.read({"state": "draft"}, editor, catalogue()).state is None


def test_search_finds_by_reference_and_by_words_of_the_title(make):
    editor = as_editor(make.editor())
    found = make.submission(title="Ports of call", state=State.PUBLISHED)
    make.submission(title="100% of something else")
    for text in (found.ref, found.ref.lower(), found.ref[-4:], "PORTS"):
        rows = queue.rows(Filter(Whose.ALL, text=text), editor)
        assert [row.title for row in rows] == ["Ports of call"], text
    assert [row.title for row in queue.rows(Filter(Whose.ALL, text="0%"), editor)] == [
        "100% of something else"
    ]


def test_what_is_closed_is_listed_newest_first(make, clock):
    for title in ("Older", "Newer"):
        make.submission(title=title, state=State.REJECTED)
    editor = as_editor(make.editor())
    wanted = Filter.read({"state": "rejected"}, editor, catalogue())
    rows = queue.rows(wanted, editor)
    assert [row.title for row in rows] == ["Newer", "Older"]
    assert [row.title for row in queue.rows(wanted, editor, after=rows[0].key(Sort.NEWEST))] == [
        "Older"
    ]


def test_a_topic_narrows_the_list(make, sign_in):
    make.submission(title="About consulates", topics=["14"])
    make.submission(title="About skills", topics=["18"])
    page = sign_in(make.editor()).get("/desk?topic=18").text
    assert "About skills" in page
    assert "About consulates" not in page


def test_counts_say_what_is_where_and_what_is_late(make, clock):
    editor = make.editor()
    waiting(make, clock, editor, days=-1)
    waiting(make, clock, editor, days=1, state=State.REVIEWED, topics=["14", "21"])
    found = counts.counts(as_editor(editor))
    assert found.by_state == {State.SUBMITTED: 1, State.REVIEWED: 1}
    assert (found.overdue, found.action) == (1, 2)


def test_a_long_list_is_counted_to_a_thousand_only():
    assert counts.Counts.shown(counts.MOST_COUNTED) == 1_000
    assert counts.Counts.shown(counts.MOST_COUNTED + 1) == "1000+"


def test_an_item_needs_whoever_handles_it_and_everybody_where_nobody_does(make, clock):
    editor, other = make.editor(), make.editor()
    handled = waiting(make, clock, editor, days=1)
    handed_on = waiting(make, clock, editor, days=1)
    handed_on.progress.owner_id = other.id
    waiting(make, clock, other, days=1)
    free = make.submission()
    found = queue.rows(Filter(Whose.ACTION), as_editor(editor))
    assert {row.id for row in found} == {handled.id, handed_on.id, free.id}


def test_an_editor_who_reviews_an_item_sees_nothing_of_its_panel(make, db, clock):
    editor, other = make.editor(), make.editor("Helga Other")
    submission = make.submission(submitter_id=make.person(country="FRA").id)
    submission.progress.editor_id = other.id
    current = start_review(submission, by=as_editor(other))
    submission.progress.shortage = {"shortages": []}
    db.add(
        Assignment(round=current, submission_id=submission.id, person_id=editor.id,
                   slot=Slot.EXTERNAL, internal=False)
    )  # fmt: skip
    db.flush()
    (row,) = queue.rows(Filter(Whose.ALL), as_editor(other))
    assert (row.reviews, row.short) == ((0, 3), True)
    (row,) = queue.rows(Filter(Whose.ALL), as_editor(editor))
    assert (row.reviews, row.short) == (None, False)


def test_the_page_costs_the_same_for_one_row_and_three(make, sign_in, clock):
    browser = sign_in(make.editor())
    make.submission()
    numbers = []
    for _more in range(2):
        browser.get("/desk?whose=all")
        with counted() as statements:
            assert browser.get("/desk?whose=all").status_code == 200
        numbers.append(len(statements))
        make.submission()
        make.submission()
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 10


def test_an_empty_desk_says_what_to_do(make, sign_in):
    page = sign_in(make.editor()).get("/desk").text
    assert "Nothing needs you" in page
    assert "All open suggestions" in page


def test_the_desk_is_closed_to_visitors_and_members_of_the_public(make, client, sign_in):
    assert client.get("/desk").status_code == 302
    assert sign_in(make.person()).get("/desk").status_code == 403


def test_a_roster_manager_is_led_to_the_applications(make, sign_in):
    answer = sign_in(make.staff(Role.ROSTER_MANAGER)).get("/desk")
    assert answer.status_code == 302
    assert answer.location.endswith("/roster/applications")


def test_an_auditor_reads_everything_and_is_offered_nothing(make, sign_in):
    submission = make.submission(title="Seen by the auditor")
    browser = sign_in(make.staff(Role.AUDITOR))
    assert "Seen by the auditor" in browser.get("/desk").text
    page = browser.get(f"/desk/submissions/{submission.ref}").text
    assert "There is nothing for you to do here" in page


def test_a_strip_tells_roster_staff_of_applications(make, db, clock, sign_in):
    person = make.person()
    application = Application(
        ref="RA-1", state=ApplicationState.SUBMITTED, person_id=person.id, name="A", country="FRA",
        organisation_name="B", internal=False, years_experience=5, statement="C",
        competing_interests="", consented_at=clock(), due_at=clock() - timedelta(days=1),
    )  # fmt: skip
    db.add(application)
    db.flush()
    text = sign_in(make.staff(Role.EDITOR, Role.ROSTER_MANAGER)).get("/desk").text
    assert "1 application to the roster waits" in text
    assert "1 overdue" in text
    assert "application to the roster" not in sign_in(make.editor()).get("/desk").text


def test_the_row_beside_a_submission_follows_its_state(make, db):
    submission = make.submission()
    submission.state = State.IN_REVIEW
    db.flush()
    db.expire_all()
    assert submission.progress.state is State.IN_REVIEW
    db.execute(sa.update(Submission).values(state=State.WITHDRAWN))
    assert db.scalar(sa.select(Progress.state)) is State.WITHDRAWN


def test_the_database_refuses_a_row_that_says_another_state(make, db):
    submission = make.submission()
    with refused_by(db, "fk_submission_progress_submission_id_submissions"):
        db.execute(
            sa.update(Progress)
            .where(Progress.submission_id == submission.id)
            .values(state=State.APPROVED)
        )


def test_search_finds_by_the_name_of_the_submitter(make):
    editor = as_editor(make.editor())
    make.submission(title="Theirs", submitter_id=make.person("Wanda Walks").id)
    make.submission(title="Somebody else's")
    rows = queue.rows(Filter(Whose.ALL, text="wanda"), editor)
    assert [row.title for row in rows] == ["Theirs"]


def test_the_list_is_sorted_as_the_address_says(make, clock):
    editor = as_editor(make.editor())
    for number, days in enumerate((3, 9, 6)):
        progress = Progress(due_at=clock(), since=clock() - timedelta(days=days))
        make.submission(title=f"Nr {number}", progress=progress)
    by_age = queue.rows(Filter(Whose.ALL, sort=Sort.SINCE), editor)
    assert [row.title for row in by_age] == ["Nr 1", "Nr 2", "Nr 0"]
    rest = queue.rows(Filter(Whose.ALL, sort=Sort.SINCE), editor, after=by_age[0].key(Sort.SINCE))
    assert [row.title for row in rest] == ["Nr 2", "Nr 0"]
    newest = queue.rows(Filter(Whose.ALL, sort=Sort.NEWEST), editor)
    assert [row.title for row in newest] == ["Nr 2", "Nr 1", "Nr 0"]


def test_the_address_of_a_list_leads_to_the_same_list(make):
    editor = as_editor(make.editor())
    wanted = Filter.read(
        {"whose": "mine", "state": "reviewed", "due": "overdue", "topic": "14", "q": "a & b",
         "sort": "since"},
        editor, catalogue(),
    )  # fmt: skip
    assert Filter.read(dict(parse_qsl(wanted.query)), editor, catalogue()) == wanted
    assert "state" not in wanted.but(state=None)


def test_yours_are_those_in_hand_and_the_others_by_their_state(make, clock):
    editor = make.editor()
    waiting(make, clock, editor, days=1, title="In hand")
    waiting(make, clock, editor, days=1, title="Out", state=State.PUBLISHED)
    titles = [row.title for row in queue.rows(Filter(Whose.MINE), as_editor(editor))]
    assert titles == ["In hand"]
    found = queue.rows(Filter(Whose.MINE, state=State.PUBLISHED), as_editor(editor))
    assert [row.title for row in found] == ["Out"]


def test_a_search_without_a_find_says_where_it_looked(make, sign_in):
    page = sign_in(make.editor()).get("/desk?q=%3Cb%3Enowhere").text
    assert "Nothing found" in page
    assert "the name of its submitter" in page
    assert "<b>nowhere" not in page


def test_filters_that_are_no_filters_are_left_out(make, sign_in):
    make.submission(title="Still shown")
    page = sign_in(make.editor()).get("/desk?whose=all&state=x&topic=zz&sort=up&due=soon&after=%00")
    assert page.status_code == 200
    assert "Still shown" in page.text
