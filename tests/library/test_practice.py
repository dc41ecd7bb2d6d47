"""A review for practice: from the mail of welcome to the panel's answers, counting nowhere."""

import pytest
import sqlalchemy as sa

from reviewhub.accounts import links
from reviewhub.accounts.actor import SYSTEM, Capability
from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.core.errors import WrongState
from reviewhub.library import operations as library
from reviewhub.library import practice as practices
from reviewhub.library.practice import PracticeReview
from reviewhub.reviews.models import Assignment, PanelResult, Recommendation, Review, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.submissions.models import Decision, DecisionKind
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.constraints import refused_by

R = Recommendation
JSON = "application/json"
ANSWERS = {
    "gate_in_scope": "yes", "gate_principles": "yes", "recommendation": "include",
    "comment_to_submitter": "A clear guide that posts with one officer can use as it stands.",
}  # fmt: skip


@pytest.fixture
def judged(db, clock, make):
    """Something that a panel of three judged and that is in the library."""

    def _judged(**values):
        policy = adopt_policy(dict(catalogue().policy))
        submission = make.submission(state=State.APPROVED, **values)
        now = core_clock.now()
        current = make._add(
            ReviewRound(
                submission_id=submission.id, number=1, policy_id=policy.id, closed_at=now,
                result=PanelResult.MAJORITY_INCLUDE,
            )
        )  # fmt: skip
        for said, score in ((R.INCLUDE, "3"), (R.INCLUDE, "2"), (R.DO_NOT_INCLUDE, "1")):
            seat = make._add(
                Assignment(
                    round_id=current.id, submission_id=submission.id,
                    person_id=make.person("Rita Reviewer").id, slot=Slot.EXTERNAL, internal=False,
                    state=AssignmentState.SUBMITTED, invited_at=now, due_at=now,
                    conflict_denied_at=now, submitted_at=now,
                )
            )  # fmt: skip
            make._add(
                Review(
                    assignment_id=seat.id, recommendation=said, submitted_at=now,
                    gates={"in_scope": "yes"}, scores={"relevance": score},
                    comment_to_submitter="zz-panel",
                )
            )  # fmt: skip
        make._add(
            Decision(
                submission_id=submission.id, kind=DecisionKind.APPROVED, text="",
                decided_by_id=make.editor().id,
            )
        )  # fmt: skip
        library.publish(submission, by=SYSTEM)
        db.flush()
        db.expire_all()
        return submission

    return _judged


@pytest.mark.lasting
def test_what_is_given_could_have_been_the_members_own_to_judge(make, judged):
    member = make.member(topics={"14": 3})
    home = make.session.get_one(Person, member.person_id).organisation_id
    judged(submitter_id=member.person_id)
    judged(submitter_id=make.person(organisation_id=home).id)
    judged(language="fr")
    with pytest.raises(WrongState, match="nothing yet"):
        practices.begin(member)
    fits = judged(topics=["14"])
    judged(topics=["2"])
    practice = practices.begin(member)
    assert practice.submission_id == fits.id
    with pytest.raises(WrongState, match="already"):
        practices.begin(member)
    with refused_by(make.session, "ck_practice_reviews_sent_recommends"):
        practice.sent_at = core_clock.now()
    make.session.refresh(practice)
    with refused_by(make.session, "uq_practice_reviews_person"):
        make.session.add(PracticeReview(person_id=member.person_id, submission_id=fits.id))


@pytest.mark.lasting
def test_a_member_practises_with_the_real_form_and_it_counts_nowhere(
    db, client, make, judged, sign_in
):
    submission = judged()
    member = make.member()
    reader = sign_in(make.session.get_one(Person, member.person_id))
    assert "counts nowhere" in reader.get("/roster/practice").text
    before = db.scalar(sa.select(sa.func.count()).select_from(Review))
    reader.post("/roster/practice/begin")
    required = {
        f"score_{one['code']}": "2"
        for one in catalogue().review_form["criteria"]
        if one["required"]
    }
    page = reader.get("/roster/practice").text
    assert submission.title in page
    assert "zz-panel" not in page
    kept = reader.post(
        "/roster/practice/save", data={"gate_in_scope": "yes"}, headers={"Accept": JSON}
    )
    assert kept.json == {"saved_at": core_clock.now().isoformat()}
    assert 'data-autosave="/roster/practice/save' in reader.get("/roster/practice").text
    assert practices.of_person(member.person_id).answers == {"gate_in_scope": "yes"}
    assert reader.post("/roster/practice/save", data={"gate_in_scope": "yes"}).status_code == 302
    missing = reader.post("/roster/practice/send", data={"recommendation": "include"})
    assert missing.status_code in {200, 422}
    assert "Please" in missing.text
    reader.post("/roster/practice/send", data={**ANSWERS, **required})
    page = reader.get("/roster/practice").text
    assert "Your answers beside the panel" in page
    assert ANSWERS["comment_to_submitter"] in page
    assert "zz-panel" not in page
    assert "Rita Reviewer" not in page
    compared = {one.field: one for one in practices.compared(practices.of_person(member.person_id))}
    assert compared["recommendation"].panel == (("do_not_include", 1), ("include", 2))
    assert (compared["score_relevance"].mine, compared["score_relevance"].panel) == (
        "2", (("1", 1), ("2", 1), ("3", 1)),
    )  # fmt: skip
    assert db.scalar(sa.select(sa.func.count()).select_from(Review)) == before
    assert reader.post("/roster/practice/send", data=ANSWERS).status_code == 409
    late = reader.post("/roster/practice/save", data=ANSWERS, headers={"Accept": JSON})
    assert (late.status_code, late.is_json) == (409, True)
    stranger = links.ensure(Capability.APPLICATION, 4711, person_id=None)
    assert client.get(f"/roster/practice?key={links.token(stranger)}").status_code == 302
    assert sign_in(make.person()).get("/roster/practice").status_code == 404
