"""The history in words: every verb has some, and the list can be narrowed and turned over."""

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.admin import history
from reviewhub.admin.history import WORDS, Filter
from reviewhub.audit.operations import record
from reviewhub.library.workflow import ResourceWorkflow
from reviewhub.reviews.workflow import AssignmentWorkflow
from reviewhub.roster.workflow import ApplicationWorkflow, MembershipWorkflow
from reviewhub.submissions.workflow import SubmissionWorkflow
from tests.admin.queries import counted

MACHINES = {
    "submissions": SubmissionWorkflow,
    "assignments": AssignmentWorkflow,
    "roster_applications": ApplicationWorkflow,
    "roster_memberships": MembershipWorkflow,
    "resources": ResourceWorkflow,
}


def test_every_verb_of_every_workflow_has_words():
    missing = [
        (kind, verb.name)
        for kind, machine in MACHINES.items()
        for verb in machine.transitions()
        if (kind, verb.name) not in WORDS
    ]
    assert missing == []


def test_what_happened_last_comes_first_with_who_and_what(make, db):
    editor = make.editor("Edith Deciding")
    submission = make.submission(title="The one in question")
    record(submission, "submit", actor_id=submission.submitter_id, role="submitter")
    record(submission, "decline", actor_id=editor.id, role="editor", note="Not for us.")
    db.flush()
    first, second = history.recent(Filter(kind="submissions"), Actor(person_id=editor.id))[:2]
    assert (first.who, first.what) == ("Edith Deciding", "declined it at screening")
    assert (first.ref, first.title, first.note) == (
        submission.ref, "The one in question", "Not for us.",
    )  # fmt: skip
    assert second.what == "sent the suggestion"


def test_the_list_is_narrowed_by_person_verb_and_kind(make, db):
    editor = make.editor()
    submission = make.submission()
    record(submission, "submit", actor_id=submission.submitter_id)
    record(submission, "decline", actor_id=editor.id)
    db.flush()
    me = Actor(person_id=editor.id)
    assert len(history.recent(Filter(person_id=editor.id, kind="submissions"), me)) == 1
    assert len(history.recent(Filter(kind="submissions", verb="submit"), me)) == 1
    assert history.recent(Filter(kind="resources"), me) == []


def test_the_page_costs_the_same_for_one_event_and_three(make, db, sign_in):
    browser = sign_in(make.editor())
    submission = make.submission()
    numbers = []
    for _more in range(2):
        for _event in range(2):
            record(submission, "refile", role="editor")
        with counted() as statements:
            assert browser.get("/desk/history").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= 10


def test_the_history_turns_over(make, db, sign_in, monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)
    submission = make.submission()
    for number in range(3):
        record(submission, "refile", role="editor", note=f"Correction {number}")
    browser = sign_in(make.editor())
    first = browser.get("/desk/history?kind=submissions").text
    assert "Correction 2" in first
    assert "Correction 0" not in first
    oldest = history.recent(Filter(kind="submissions"), Actor())[1].id
    assert "Correction 0" in browser.get(f"/desk/history?kind=submissions&before={oldest}").text


def test_an_editor_reads_nothing_about_applicants(make, db, sign_in):
    member = make.member(person=make.person("Ada Applying"))
    record(member, "join", actor_id=member.person_id)
    db.flush()
    assert "Ada Applying" not in sign_in(make.editor()).get("/desk/history").text
    assert "Ada Applying" in sign_in(make.staff(Role.AUDITOR)).get("/desk/history").text
