"""From the ten answers to the decision."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import NOBODY
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.models import AuditEvent
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.roster.operations import applications as operations
from reviewhub.roster.operations import memberships
from reviewhub.roster.queries import applications
from reviewhub.roster.workflow import ApplicationState, MembershipState

S = ApplicationState


def verbs(db, about):
    return list(
        db.scalars(
            sa.select(AuditEvent.verb)
            .where(AuditEvent.object_type == about.__tablename__, AuditEvent.object_id == about.id)
            .order_by(AuditEvent.id)
        )
    )


def test_a_guest_confirms_by_mail_before_anybody_reads_it(
    db, clock, answers, mails, manager, by_link
):
    application = operations.apply(answers(), email="Ana@Example.org", by=NOBODY, locale="fr")
    assert application.ref == f"RA-2026-{application.id:06d}"
    assert application.state == S.DRAFT
    assert mails() == [("roster/confirm", "ana@example.org")]
    assert applications.counts().open == 0

    operations.confirm(application, by=by_link(application))
    person = db.get_one(Person, application.person_id)
    assert person.confirmed_at is not None
    assert person.locale == "fr"
    assert application.state == S.SUBMITTED
    assert application.due_at == clock() + timedelta(days=30)
    assert mails()[1:] == [("roster/submit", "ana@example.org"), ("roster/new", manager.email)]
    assert verbs(db, application) == ["apply", "submit"]


def test_a_signed_in_applicant_is_on_the_desk_at_once(make, clock, answers, by, mails, manager):
    person = make.person()
    application = operations.apply(answers(), email="", by=by(person), locale="en")
    assert application.state == S.SUBMITTED
    assert mails() == [("roster/submit", person.email), ("roster/new", manager.email)]


def test_where_there_is_no_roster_manager_the_administrators_hear_of_it(
    make, clock, answers, by, mails
):
    admin = make.staff(Role.ADMIN)
    operations.apply(answers(), email="", by=by(make.person()), locale="en")
    assert mails()[-1] == ("roster/new", admin.email)


def test_nobody_else_confirms_an_application(make, clock, make_application, by, manager):
    application = make_application(S.DRAFT)
    with pytest.raises(NotAllowed):
        operations.confirm(application, by=by(manager))


def test_a_second_open_application_gets_a_sentence(make, clock, answers, by):
    person = make.person()
    operations.apply(answers(), email="", by=by(person), locale="en")
    with pytest.raises(WrongState, match="open application"):
        operations.apply(answers(), email="", by=by(person), locale="en")


def test_what_is_known_of_an_address_is_told_only_to_whoever_confirms_it(
    make, clock, answers, by, by_link
):
    person = make.person()
    operations.apply(answers(), email="", by=by(person), locale="en")
    draft = operations.apply(answers(), email=person.email, by=NOBODY, locale="en")
    assert draft.state == S.DRAFT
    with pytest.raises(WrongState, match="open application"):
        operations.confirm(draft, by=by_link(draft))


def test_an_address_gets_a_few_confirmation_mails_and_no_more(db, clock, answers, mails):
    for _time in range(operations.MOST_DRAFTS):
        operations.apply(answers(), email="ana@example.org", by=NOBODY, locale="en")
    with pytest.raises(WrongState, match="Open the mail"):
        operations.apply(answers(), email="ana@example.org", by=NOBODY, locale="en")
    assert len(mails()) == operations.MOST_DRAFTS


def test_confirming_one_application_closes_the_other_drafts(db, clock, answers, by_link):
    first, second = (
        operations.apply(answers(), email="ana@example.org", by=NOBODY, locale="en")
        for _time in range(2)
    )
    operations.confirm(second, by=by_link(second))
    assert (first.state, second.state) == (S.WITHDRAWN, S.SUBMITTED)


def test_a_member_does_not_apply_again(make, clock, answers, by):
    member = make.member()
    person = make.session.get_one(Person, member.person_id)
    with pytest.raises(WrongState, match="on the roster already"):
        operations.apply(answers(), email="", by=by(person), locale="en")


def test_a_declined_applicant_applies_again_from_the_day_on(make, clock, answers, by, manager):
    person = make.person()
    application = operations.apply(answers(), email="", by=by(person), locale="en")
    again = clock().date() + timedelta(days=10)
    operations.decline(
        application, by=by(manager), reason="incomplete", note="", may_reapply_on=again
    )
    clock.advance(days=9)
    with pytest.raises(WrongState, match="12 Mar 2026"):
        operations.apply(answers(), email="", by=by(person), locale="en")
    clock.advance(days=1)
    assert operations.apply(answers(), email="", by=by(person), locale="en").state == S.SUBMITTED


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"country": "XXX"}, "country"),
        ({"languages": ()}, "languages"),
        ({"languages": ("tlh",)}, "languages"),
        ({"topics": {}}, "topics"),
        ({"topics": {"nonsense": 3}}, "topics"),
        ({"topics": {"14": 1}}, "topics"),
        ({"topics": {str(n): 2 for n in range(1, 7)}}, "topics"),
    ],
)
def test_an_answer_that_the_hub_does_not_know_is_refused(clock, db, answers, values, field):
    with pytest.raises(InvalidInput) as caught:
        operations.apply(answers(**values), email="ana@example.org", by=NOBODY, locale="en")
    assert caught.value.field == field


def test_a_question_stops_the_clock_and_its_answer_starts_it_anew(
    db, clock, make_application, by, by_link, manager, mails
):
    application = make_application()
    until = clock().date() + timedelta(days=14)
    operations.ask(application, by=by(manager), question="Which posts were these?", until=until)
    assert (application.state, application.due_at.date()) == (S.MORE_INFORMATION, until)
    clock.advance(days=3)
    operations.answer(application, by=by_link(application), answer="Nairobi and Lima.")
    assert application.state == S.SUBMITTED
    assert application.due_at.date() == date(2026, 4, 6)  # 30 days later is a Saturday
    assert [event for event, _address in mails()] == ["roster/ask", "roster/answer"]
    assert mails()[1][1] == manager.email


def test_the_answer_goes_to_the_manager_who_asked(
    make, clock, make_application, by, by_link, manager, mails
):
    other = make.staff(Role.ROSTER_MANAGER)
    application = make_application()
    until = clock().date() + timedelta(days=5)
    operations.ask(application, by=by(other), question="Which posts were these?", until=until)
    operations.answer(application, by=by_link(application), answer="Nairobi.")
    assert mails()[1:] == [("roster/answer", other.email)]


def test_asking_twice_for_the_same_day_sends_two_mails(
    clock, make_application, by, by_link, manager, mails
):
    application = make_application()
    until = clock().date() + timedelta(days=5)
    for question in ("Which posts were these?", "And for how long?"):
        operations.ask(application, by=by(manager), question=question, until=until)
        operations.answer(application, by=by_link(application), answer="Nairobi.")
    assert [event for event, _a in mails()] == ["roster/ask", "roster/answer"] * 2


def test_an_answer_that_came_by_mail_is_entered_by_a_manager(clock, make_application, by, manager):
    application = make_application(S.MORE_INFORMATION, question="Which?")
    operations.answer(application, by=by(manager), answer="Nairobi, says the mail.")
    assert application.answer == "Nairobi, says the mail."


def test_a_question_has_a_day_that_lies_ahead(clock, make_application, by, manager):
    for days in (0, 91):
        with pytest.raises(InvalidInput) as caught:
            operations.ask(
                make_application(), by=by(manager), question="Which posts?",
                until=clock().date() + timedelta(days=days),
            )  # fmt: skip
        assert caught.value.field == "until"


def test_approval_makes_a_member_with_everything_they_said(
    db, clock, answers, make, by, manager, mails
):
    person = make.person(organisation_id=None)
    person.name = ""
    application = operations.apply(
        answers(internal=True, topics={"14": 3, "2": 2}), email="", by=by(person), locale="en"
    )
    membership = operations.approve(application, by=by(manager), note="Welcome.")
    assert (application.state, application.decided_by_id) == (S.APPROVED, manager.id)
    assert membership.state == MembershipState.ACTIVE
    assert membership.term_ends_on == date(2028, 3, 2)
    described = memberships.describe(membership)
    assert described["topics"] == {"2": 2, "14": 3}
    assert described["languages"] == ["en", "fr"]
    assert described["internal"] is True
    db.refresh(person, ["organisation"])
    assert (person.name, person.country) == ("Ana Applicant", "KEN")
    assert person.organisation.name == "Institute of Crossings"
    assert person.organisation.internal is True
    assert mails()[-1] == ("roster/approve", person.email)
    assert verbs(db, application) == ["apply", "submit", "approve"]
    assert verbs(db, membership) == ["join"]


def test_the_manager_says_whether_somebody_counts_as_internal(clock, make_application, by, manager):
    application = make_application(internal=True)
    assert operations.approve(application, by=by(manager), internal=False).internal is False


def test_somebody_who_left_takes_up_their_old_membership(
    db, clock, make, make_application, by, manager
):
    member = make.member(topics={"1": 2, "14": 2})
    memberships.end(member, by=by(manager))
    clock.advance(days=400)
    application = make_application(person_id=member.person_id, topics={"14": 3, "5": 2})
    again = operations.approve(application, by=by(manager))
    db.flush()
    assert again.id == member.id
    assert (again.state, again.ended_at) == (MembershipState.ACTIVE, None)
    assert again.application_id == application.id
    assert memberships.describe(again)["topics"] == {"5": 2, "14": 3}
    assert again.term_ends_on == date(2029, 4, 6)
    assert verbs(db, again) == ["end", "resume"]


def test_somebody_who_is_a_member_is_not_approved_twice(clock, make, make_application, by, manager):
    member = make.member()
    application = make_application(person_id=member.person_id)
    with pytest.raises(WrongState, match="on the roster already"):
        operations.approve(application, by=by(manager))


def test_declining_says_why_and_from_when_to_try_again(
    db, clock, make_application, by, manager, mails
):
    application = make_application()
    again = clock().date() + timedelta(days=180)
    operations.decline(
        application, by=by(manager), reason="other", note="Two more years.", may_reapply_on=again
    )
    db.flush()
    assert (application.state, application.reason) == (S.DECLINED, "other")
    assert (application.decision_text, application.may_reapply_on) == ("Two more years.", again)
    assert [event for event, _a in mails()] == ["roster/decline"]


@pytest.mark.parametrize(
    ("reason", "note", "days", "field"),
    [
        ("bad_mood", "", 10, "reason"),
        ("other", "", 10, "note"),
        ("incomplete", "", -1, "may_reapply_on"),
        ("incomplete", "", 732, "may_reapply_on"),
    ],
)
def test_declining_needs_a_reason_that_can_be_told(
    clock, make_application, by, manager, reason, note, days, field
):
    application = make_application()
    with pytest.raises(InvalidInput) as caught:
        operations.decline(
            application, by=by(manager), reason=reason, note=note,
            may_reapply_on=clock().date() + timedelta(days=days),
        )  # fmt: skip
    assert caught.value.field == field
    assert application.state == S.SUBMITTED


def test_a_conflicted_manager_is_refused_with_a_sentence(
    make, clock, make_application, by, manager
):
    make.staff(Role.ROSTER_MANAGER)
    applicant = make.person(organisation_id=manager.organisation_id)
    application = make_application(person_id=applicant.id)
    with pytest.raises(NotAllowed, match="Another roster manager decides"):
        operations.approve(application, by=by(manager))
    with pytest.raises(NotAllowed, match="Another roster manager decides"):
        operations.ask(
            application, by=by(manager), question="Which posts?",
            until=clock().date() + timedelta(days=3),
        )  # fmt: skip


def test_a_manager_who_applies_decides_nothing_about_it(clock, make_application, by, manager):
    own = make_application(person_id=manager.id)
    with pytest.raises(NotAllowed):
        operations.approve(own, by=by(manager))


def test_the_second_decision_finds_that_the_first_was_faster(clock, make_application, by, manager):
    application = make_application()
    operations.approve(application, by=by(manager))
    with pytest.raises(WrongState):
        operations.decline(
            application, by=by(manager), reason="incomplete", note="",
            may_reapply_on=clock().date(),
        )  # fmt: skip


def test_withdrawing_tells_the_managers_what_they_need_not_read(
    clock, make_application, by_link, manager, mails
):
    application = make_application()
    operations.withdraw(application, by=by_link(application))
    assert application.state == S.WITHDRAWN
    assert mails() == [("roster/withdraw", manager.email)]


def test_withdrawing_a_draft_tells_nobody(clock, make_application, by_link, manager, mails):
    application = make_application(S.DRAFT)
    operations.withdraw(application, by=by_link(application))
    assert mails() == []


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_a_cv_is_kept_under_a_name_of_ours(db):
    kept = operations.keep_cv("../../my cv.pdf", PDF)
    assert kept["name"] == "my cv.pdf"
    assert (operations.cv_store() / kept["path"]).read_bytes() == PDF


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>alert(1)</script></html>", b"PK\x03\x04rubbish"]
)
def test_a_cv_of_another_kind_is_refused_beside_its_field(db, content):
    with pytest.raises(InvalidInput) as caught:
        operations.keep_cv("cv.pdf", content)
    assert caught.value.field == "cv_file"


def test_a_cv_larger_than_five_megabytes_is_refused(db):
    with pytest.raises(InvalidInput, match="5 MB"):
        operations.keep_cv("cv.pdf", PDF + b"0" * operations.CV_MAX_BYTES)
