"""The roster's pages, as applicants, members and managers use them."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.workflow import ApplicationState, MembershipState

S, M = ApplicationState, MembershipState
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def form(**values):
    """What the browser sends for ten good answers."""
    return {
        "name": "Ana Applicant",
        "email": "ana@example.org",
        "organisation_name": "Institute of Crossings",
        "kind": "external",
        "country": "KEN",
        "languages": ["en", "fr"],
        "topics-0-code": "14",
        "topics-0-level": "3",
        "topics-1-code": "2",
        "topics-1-level": "2",
        "years_experience": "8",
        "statement": "I have run consular help desks in three countries and taught others.",
        "competing_interests": "none",
        "capacity": "2",
        "accept_terms": "y",
        "consent_data": "y",
        **values,
    }


def key_of(application):
    link = links.ensure(Capability.APPLICATION, application.id, person_id=application.person_id)
    return links.token(link)


def address(application, verb=""):
    return f"/roster/applications/{application.ref}" + (f"/{verb}" if verb else "")


def only(db, model):
    return db.scalars(sa.select(model)).one()


# -- applying --


def test_criteria_terms_and_gaps_stand_beside_the_form(client, clock):
    page = client.get("/roster/apply").text
    assert "Most needed now" in page
    assert "The terms" in page
    assert "1 Apr 2026" in page  # the promised answer
    assert "non-UN" in page
    assert "judge the work of others by its use and its evidence" in page
    assert "/roster/apply?topic=" in page  # each gap leads to a form that is filled in for it


def test_a_shared_call_fills_in_the_form_with_what_the_hub_knows(client, clock, db):
    call = "?topic=14&topic=14&topic=nonsense&topic=2&language=fr&language=tlh&country=KEN"
    page = client.get(f"/roster/apply{call}").text
    assert "We are looking for experts like this" in page
    assert 'selected value="14"' in page
    assert "tlh" not in page
    assert "nonsense" not in page
    shared = "/roster/apply?topic=14&amp;topic=2&amp;language=fr&amp;country=KEN"
    assert f"http://localhost{shared}" in page
    client.post(f"/roster/apply{call}", data=form(**{"topics-0-code": "5"}))
    assert only(db, Application).topics == {"5": 3, "2": 2}
    nobody = client.get("/roster/apply?topic=nonsense&country=XXX").text
    assert "We are looking for experts like this" not in nobody


def test_the_promised_day_is_a_working_day_and_told_before_and_after(client, clock, db, make):
    clock.advance(days=3)  # thirty days later is a Saturday
    assert "6 Apr 2026" in client.get("/roster/apply").text
    assert "6 Apr 2026" in client.get("/roster/apply/sent").text
    client.post("/roster/apply", data=form())
    application = only(db, Application)
    at, key = address(application, "confirm"), key_of(application)
    assert "6 Apr 2026" in client.get(at, query_string={"key": key}).text
    shown = client.post(at, data={"key": key}, follow_redirects=True).text
    assert "6 Apr 2026" in shown


def test_a_guest_applies_confirms_and_follows_the_application(db, client, clock, mails):
    sent = client.post("/roster/apply", data=form())
    assert sent.status_code == 302
    assert "open the mail" in client.get(sent.location).text
    application = only(db, Application)
    assert application.topics == {"14": 3, "2": 2}
    assert application.state == S.DRAFT

    confirm = address(application, "confirm")
    key = key_of(application)
    shown = client.get(confirm, query_string={"key": key})
    assert "Yes, send my application" in shown.text
    db.refresh(application)
    assert application.state == S.DRAFT  # mail scanners follow links

    done = client.post(confirm, data={"key": key})
    assert done.status_code == 302
    assert key in done.location
    db.refresh(application)
    assert application.state == S.SUBMITTED
    page = client.get(done.location).text
    assert "1 Apr 2026" in page
    assert "Withdraw this application" in page
    assert [event for event, _a in mails()] == ["roster/confirm", "roster/submit"]


def test_the_link_works_the_second_time_too(client, clock, make_application):
    application = make_application()
    query = {"key": key_of(application)}
    again = client.get(address(application, "confirm"), query_string=query)
    assert again.status_code == 302
    assert client.get(again.location).status_code == 200


def test_a_signed_in_applicant_is_not_asked_for_an_address(db, make, clock, sign_in):
    person = make.person("Ana Applicant")
    browser = sign_in(person)
    assert 'name="email"' not in browser.get("/roster/apply").text
    sent = browser.post("/roster/apply", data=form(email="other@example.org"))
    assert sent.status_code == 302
    application = only(db, Application)
    assert (application.person_id, application.state) == (person.id, S.SUBMITTED)
    assert "open application of yours" in browser.get("/roster/apply").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"email": "nonsense"}, "does not look like an e-mail address"),
        ({"kind": ""}, "Please answer this."),
        ({"country": "Atlantis"}, "Not a valid choice"),
        ({"languages": []}, "Choose at least one language."),
        ({"topics-0-code": "", "topics-1-code": ""}, "Choose at least one."),
        ({"topics-1-code": "14"}, "One of them is chosen twice."),
        ({"years_experience": "61"}, "Give a number from 0 to 60."),
        ({"years_experience": "many"}, "Not a valid integer value"),
        ({"statement": "Too short."}, "50 to 1500 characters"),
        ({"capacity": "0"}, "Give a number from 1 to 20."),
        ({"accept_terms": ""}, "Without this we can"),
        ({"cv_url": "javascript:alert(1)"}, "A link begins with https://"),
    ],
)
def test_a_bad_answer_gets_a_sentence_and_the_others_are_kept(db, client, values, sentence):
    page = client.post("/roster/apply", data=form(**values)).text
    assert sentence in page
    assert 'value="Institute of Crossings"' in page
    assert "There is something to mend" in page
    assert db.scalar(sa.select(sa.func.count()).select_from(Application)) == 0


def test_the_list_of_errors_reads_from_top_to_bottom(db, client):
    page = client.post(
        "/roster/apply", data=form(email="", country="", languages=[], capacity="0")
    ).text
    places = [
        page.index(sentence)
        for sentence in (
            "Enter your e-mail address.",
            "Choose a country.",
            "Choose at least one language.",
            "Give a number from 1 to 20.",
        )
    ]
    assert places == sorted(places)


def test_a_refusal_of_the_domain_keeps_the_answers_too(db, client, clock):
    for _time in range(3):
        client.post("/roster/apply", data=form())
    page = client.post("/roster/apply", data=form())
    assert page.status_code == 200
    assert "Open the mail we sent" in page.text
    assert 'value="Institute of Crossings"' in page.text


def test_the_guest_form_does_not_tell_who_has_applied(db, client, make, clock, make_application):
    known = make.person(email="known@example.org")
    make_application(person_id=known.id)
    unknown = client.post("/roster/apply", data=form(email="unknown@example.org"))
    told = client.post("/roster/apply", data=form(email="known@example.org"))
    assert (told.status_code, told.location) == (unknown.status_code, unknown.location)


def test_a_cv_is_a_download_for_those_who_may_see_it(db, client, clock, sign_in, manager, make):
    client.post("/roster/apply", data=form(cv_file=(io.BytesIO(PDF), "my cv.pdf")))
    application = only(db, Application)
    assert application.cv["name"] == "my cv.pdf"
    got = sign_in(manager).get(address(application, "cv"))
    assert got.data == PDF
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.get(address(application, "cv")).status_code == 404
    assert sign_in(make.person()).get(address(application, "cv")).status_code == 404
    got.close()


def test_a_cv_of_another_kind_is_refused_beside_its_field(db, client):
    page = client.post(
        "/roster/apply", data=form(cv_file=(io.BytesIO(b"<html></html>"), "cv.pdf"))
    ).text
    assert "This file is none of the kinds we take" in page
    assert db.scalar(sa.select(sa.func.count()).select_from(Application)) == 0


# -- following an application --


def test_strangers_learn_nothing_from_a_number(client, sign_in, make, make_application):
    application = make_application(name="Secret Person")
    there = client.get(address(application))
    nowhere = client.get("/roster/applications/RA-2026-123456")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert "Secret Person" not in there.text
    assert "no application here for you" in there.text
    assert "no application here for you" in nowhere.text
    assert sign_in(make.editor()).get(address(application)).status_code == 404


def test_the_key_of_one_application_opens_no_other(client, make_application):
    mine, other = make_application(), make_application(name="Secret Person")
    got = client.get(address(other), query_string={"key": key_of(mine)})
    assert got.status_code == 404


def test_the_applicant_answers_on_the_page_itself(db, client, clock, make_application):
    application = make_application(S.MORE_INFORMATION, question="Which posts were these?")
    key = key_of(application)
    page = client.get(address(application), query_string={"key": key}).text
    assert "Which posts were these?" in page
    assert "Send the answer" in page
    done = client.post(
        address(application, "answer"), data={"key": key, "answer": "Nairobi and Lima."}
    )
    assert key in done.location
    db.refresh(application)
    assert (application.state, application.answer) == (S.SUBMITTED, "Nairobi and Lima.")


def test_withdrawing_asks_first(db, client, clock, make_application):
    application = make_application()
    key = key_of(application)
    where = address(application, "withdraw")
    assert "Withdraw your application?" in client.get(where, query_string={"key": key}).text
    client.post(where, data={"key": key})
    db.refresh(application)
    assert application.state == S.WITHDRAWN
    assert client.get(where, query_string={"key": key}).status_code == 409


@pytest.mark.parametrize("state", list(S))
def test_each_state_has_a_page_for_the_applicant_and_for_the_desk(
    client, sign_in, clock, make_application, manager, state
):
    values = {"may_reapply_on": clock().date()} if state == S.DECLINED else {}
    application = make_application(state, **values)
    own = client.get(address(application), query_string={"key": key_of(application)})
    assert own.status_code == 200
    assert "Your application to the roster" in own.text
    desk = sign_in(manager).get(address(application))
    assert desk.status_code == 200
    assert "Fills these gaps" in desk.text


def test_the_applicant_sees_neither_history_nor_managers(client, clock, make_application, manager):
    application = make_application(S.APPROVED)
    page = client.get(address(application), query_string={"key": key_of(application)}).text
    assert manager.name not in page
    assert "History" not in page


# -- deciding --


def test_a_manager_approves_and_the_applicant_is_a_member(
    db, client, sign_in, clock, make_application, manager, mails
):
    application = make_application(topics={"14": 3, "5": 2})
    browser = sign_in(manager)
    assert "Approve Applicant" in browser.get(address(application, "approve")).text
    done = browser.post(
        address(application, "approve"),
        data={"kind": "internal", "government": "KEN", "note": "Glad to have you."},
    )
    assert done.status_code == 302
    membership = only(db, Membership)
    assert (membership.person_id, membership.internal) == (application.person_id, True)
    assert membership.government == "KEN"
    assert [event for event, _a in mails()] == ["roster/approve"]
    mine = client.get("/roster/me", query_string={"key": key_of(application)})
    assert "What you can review" in mine.text


def test_a_manager_declines_with_a_reason_and_a_date(db, sign_in, clock, make_application, manager):
    application = make_application()
    where = address(application, "decline")
    browser = sign_in(manager)
    assert "2026-08-29" in browser.get(where).text
    refused = browser.post(where, data={"reason": "other", "may_reapply_on": "2026-08-29"})
    assert "Say in a sentence what the reason is." in refused.text
    browser.post(
        where, data={"reason": "expertise_covered", "note": "", "may_reapply_on": "2026-08-29"}
    )
    db.refresh(application)
    assert (application.state, application.reason) == (S.DECLINED, "expertise_covered")


def test_a_manager_asks_with_a_date(db, sign_in, clock, make_application, manager):
    application = make_application()
    where = address(application, "ask")
    browser = sign_in(manager)
    assert "2026-03-16" in browser.get(where).text
    wrong = browser.post(where, data={"question": "Which posts were these?", "until": "2020-01-01"})
    assert "Choose a day within the next 90 days." in wrong.text
    browser.post(where, data={"question": "Which posts were these?", "until": "2026-03-16"})
    db.refresh(application)
    assert application.state == S.MORE_INFORMATION


@pytest.mark.parametrize("verb", ["approve", "decline", "ask"])
def test_who_may_not_decide_is_refused_before_the_form(
    client, sign_in, make, clock, make_application, manager, verb
):
    make.staff(Role.ROSTER_MANAGER)
    colleague = make.person(organisation_id=manager.organisation_id)
    conflicted = make_application(person_id=colleague.id)
    refused = sign_in(manager).get(address(conflicted, verb))
    assert refused.status_code == 403
    assert "Another roster manager decides" in refused.text
    assert "Another roster manager decides" in sign_in(manager).get(address(conflicted)).text

    own = make_application(person_id=manager.id)
    assert sign_in(manager).get(address(own, verb)).status_code == 403
    assert sign_in(manager).post(address(own, verb)).status_code == 403
    for role in (Role.ADMIN, Role.AUDITOR):
        assert sign_in(make.staff(role)).post(address(own, verb)).status_code == 403
    key = {"key": key_of(conflicted)}
    assert client.get(address(conflicted, verb), query_string=key).status_code == 403


def test_the_second_of_two_managers_learns_that_it_is_decided(
    sign_in, clock, make_application, manager
):
    application = make_application(S.APPROVED)
    late = sign_in(manager).post(
        address(application, "decline"),
        data={"reason": "incomplete", "may_reapply_on": "2026-08-29"},
    )
    assert late.status_code == 409


# -- the desk's lists --


@pytest.mark.parametrize("where", ["/roster/applications", "/roster/members"])
def test_the_desk_is_for_roster_staff(client, sign_in, make, where):
    assert client.get(where).status_code == 302
    assert sign_in(make.editor()).get(where).status_code == 403
    for role in (Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR):
        assert sign_in(make.staff(role)).get(where).status_code == 200


def test_the_list_says_what_is_overdue(sign_in, clock, make_application, manager):
    late = make_application(due_at=clock() - timedelta(days=2))
    make_application(S.DECLINED, name="Somebody Declined")
    page = sign_in(manager).get("/roster/applications").text
    assert "overdue by 2 days" in page
    assert late.ref in page
    assert "Somebody Declined" not in page
    declined = sign_in(manager).get("/roster/applications?state=declined").text
    assert "Somebody Declined" in declined


def test_members_are_filtered_by_the_address(sign_in, make, clock, manager):
    make.member(person=make.person("Ada Lund"), topics={"2": 3})
    make.member(person=make.person("Bo Lee"), topics={"14": 3})
    page = sign_in(manager).get("/roster/members?topic=2&kind=external&state=active&q=lund").text
    assert "Ada Lund" in page
    assert "Bo Lee" not in page
    nobody = sign_in(manager).get("/roster/members?q=nobody&state=nonsense&after=x").text
    assert "Nobody fits" in nobody


def test_a_list_costs_the_same_with_one_row_and_with_three(
    sign_in, make, make_application, clock, manager, count_queries
):
    browser = sign_in(manager)

    def cost(where):
        with count_queries() as statements:
            assert browser.get(where).status_code == 200
        return len(statements)

    make_application()
    make.member()
    wheres = ("/roster/applications", "/roster/members")
    once = [cost(where) for where in wheres]
    for _more in range(2):
        make_application()
        make.member()
    assert [cost(where) for where in wheres] == once


# -- serving --


def test_a_members_page_opens_by_account_or_by_link(
    db, client, sign_in, make, clock, make_application
):
    application = make_application(S.APPROVED)
    member = make.member(
        person=db.get_one(Person, application.person_id), application_id=application.id
    )
    by_account = sign_in(db.get_one(Person, member.person_id)).get("/roster/me")
    by_link = client.get("/roster/me", query_string={"key": key_of(application)})
    assert "What you can review" in by_account.text
    assert "What you can review" in by_link.text
    assert client.get("/roster/me").status_code == 302
    assert "not on the roster" in sign_in(make.person()).get("/roster/me").text


@pytest.fixture
def member(make):
    return make.member(topics={"14": 3})


@pytest.fixture
def browser(db, sign_in, member):
    """The member's own browser."""
    return sign_in(db.get_one(Person, member.person_id))


def verb_of(member, verb):
    return f"/roster/members/{member.id}/{verb}"


def test_a_member_changes_the_profile(db, browser, member):
    page = browser.get(verb_of(member, "edit")).text
    assert 'name="kind"' not in page
    done = browser.post(
        verb_of(member, "edit"),
        data={
            "languages": ["en", "ar"], "topics-0-code": "2", "topics-0-level": "2",
            "capacity": "4", "competing_interests": "none", "regions": ["africa"],
            "backgrounds": ["policy"], "kind": "internal", "government": "",
        },
    )  # fmt: skip
    assert done.location.endswith("/roster/me")
    db.refresh(member)
    assert (member.languages, member.capacity) == (["en", "ar"], 4)
    assert [row.level for row in member.topics] == [2]
    assert member.internal is False  # not theirs to say
    assert "changed the profile" in browser.get("/roster/me").text


def test_a_bad_profile_is_shown_again(db, browser, member):
    page = browser.post(verb_of(member, "edit"), data={"capacity": "99"}).text
    assert "There is something to mend" in page
    db.refresh(member)
    assert member.capacity == 2


def test_a_member_pauses_and_resumes(db, browser, member, clock):
    assert "2026-03-02" in browser.get(verb_of(member, "pause")).text
    wrong = browser.post(
        verb_of(member, "pause"), data={"first": "2026-03-05", "last": "2026-03-04"}
    )
    assert "The last day must be" in wrong.text
    browser.post(verb_of(member, "pause"), data={"first": "2026-03-02", "last": "2026-03-20"})
    db.refresh(member)
    assert member.state == M.PAUSED
    assert "Paused until 20 Mar 2026" in browser.get("/roster/me").text
    browser.post(verb_of(member, "resume"))
    db.refresh(member)
    assert member.state == M.ACTIVE


def test_a_member_states_several_periods_and_calls_one_off(db, browser, member, clock):
    for days in (("2026-04-01", "2026-04-10"), ("2026-06-01", ""), ("2026-04-11", "2026-04-12")):
        browser.post(verb_of(member, "pause"), data=dict(zip(("first", "last"), days, strict=True)))
    assert "noted already" in browser.post(
        verb_of(member, "pause"), data={"first": "2026-06-03", "last": "2026-06-04"}
    ).text  # fmt: skip
    page = browser.get("/roster/me").text
    assert "from 1 Apr 2026 to 12 Apr 2026" in page
    assert "from 1 Jun 2026 until further notice" in page
    first, second = [row.id for row in member.absences]
    where = f"/roster/members/{member.id}/absences/{{}}/call_off"
    assert browser.post(where.format(second)).location.endswith("/roster/me")
    assert browser.post(where.format(second)).status_code == 404
    clock.advance(days=60)
    assert browser.post(where.format(first)).status_code == 409
    assert "No days off are noted" in browser.get("/roster/me").text


def test_a_former_member_asks_once_to_return(db, browser, sign_in, member, manager, clock, mails):
    browser.post(verb_of(member, "end"), data={"note": ""})
    assert "Ask to return" in browser.get("/roster/me").text
    browser.post(verb_of(member, "ask_return"))
    assert "You asked on 2 Mar 2026 to return" in browser.get("/roster/me").text
    assert browser.post(verb_of(member, "ask_return")).status_code == 409
    assert ("roster/ask_return", manager.email) in mails()
    desk = sign_in(manager)
    assert "Take back for a full term" in desk.get(f"/roster/members/{member.id}").text
    desk.post(verb_of(member, "resume"))
    db.refresh(member)
    assert (member.state, member.return_asked_at) == (M.ACTIVE, None)


def test_one_click_renews_a_term_that_ends_soon(db, browser, member, clock):
    assert browser.post(verb_of(member, "renew")).status_code == 409
    member.term_ends_on = clock().date() + timedelta(days=30)
    assert "Renew for another term" in browser.get("/roster/me").text
    browser.post(verb_of(member, "renew"))
    db.refresh(member)
    assert member.term_ends_on.year == 2028


def test_leaving_asks_first(db, browser, member, clock):
    assert "Leave the roster?" in browser.get(verb_of(member, "end")).text
    browser.post(verb_of(member, "end"), data={"note": ""})
    db.refresh(member)
    assert member.state == M.ENDED
    assert "Your membership has ended" in browser.get("/roster/me").text
    assert browser.post(verb_of(member, "resume")).status_code == 403


def test_a_manager_sees_pauses_ends_and_takes_back_a_member(
    db, sign_in, make, member, manager, clock
):
    desk = sign_in(manager)
    page = desk.get(f"/roster/members/{member.id}").text
    assert db.get_one(Person, member.person_id).email in page
    assert 'name="kind"' in desk.get(verb_of(member, "edit")).text
    desk.post(verb_of(member, "pause"), data={"first": "2026-03-02"})
    desk.post(verb_of(member, "end"), data={"note": "Asked to go."})
    db.refresh(member)
    assert member.state == M.ENDED
    assert desk.post(verb_of(member, "end")).status_code == 409
    assert "Asked to go." in desk.get(f"/roster/members/{member.id}").text
    back = desk.post(verb_of(member, "resume"))
    assert back.location.endswith(f"/roster/members/{member.id}")
    db.refresh(member)
    assert member.state == M.ACTIVE


@pytest.mark.parametrize("verb", ["edit", "pause", "resume", "renew", "end"])
def test_nobody_else_changes_a_membership(client, sign_in, make, member, verb):
    assert client.post(verb_of(member, verb)).status_code == 404
    assert sign_in(make.person()).post(verb_of(member, verb)).status_code == 404
    assert sign_in(make.staff(Role.AUDITOR)).post(verb_of(member, verb)).status_code == 403


def test_ones_own_desk_page_is_ones_own_page(browser, member):
    assert browser.get(f"/roster/members/{member.id}").location.endswith("/roster/me")


def test_a_page_that_a_link_opened_says_whose_it_is(db, client, make, clock, make_application):
    application = make_application(S.APPROVED)
    make.member(person=db.get_one(Person, application.person_id), application_id=application.id)
    shown = client.get("/roster/me", query_string={"key": key_of(application)}).text
    assert "Is this not you?" in shown


def test_who_has_an_account_signs_in_to_leave(db, client, sign_in, make, clock, make_application):
    application = make_application(S.APPROVED)
    person = db.get_one(Person, application.person_id)
    member = make.member(person=person, application_id=application.id)
    where, key = verb_of(member, "end"), {"key": key_of(application)}
    for answer in (client.get(where, query_string=key), client.post(where, data=key)):
        assert answer.location.startswith("/sign-in")
    assert member.state == MembershipState.ACTIVE
    assert "Leave the roster?" in sign_in(person).get(where).text
    person.password_hash = None
    db.flush()
    assert "Leave the roster?" in client.get(where, query_string=key).text  # there is no other way
