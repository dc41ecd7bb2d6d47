"""Whole stories, over HTTP, worker and mail: nobody but staff has an account."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.notifications.models import Message, MessageState
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.workflow import State
from tests.journeys import steps
from tests.journeys.browser import PageError
from tests.journeys.conftest import Hub

pytestmark = pytest.mark.slow

CANARY = "quillon"  # in every reviewer's name and address, and in nothing else


def events_to(hub, email):
    """What a person was mailed, in the order of promising."""
    mails = sorted(
        (mail for mail in hub.stack.mails.accepted if mail.to == email),
        key=lambda mail: mail.number,
    )
    return [hub.stack.event_of(mail) for mail in mails]


def test_a_guests_find_is_reviewed_from_mails_alone_and_published(hub: Hub) -> None:
    item = hub.suggest("Consular help in remote places")
    first, *others = hub.start_review(item.ref)

    steps.decline(hub.stack, hub.invitation(first))
    panel = hub.asked(item.ref, 3)
    (replacement,) = [who for who in panel if who not in others]
    assert replacement.email != first.email, "who declined is not asked again"
    for who in panel:
        hub.review(who)

    hub.is_in(item.ref, State.PUBLISHED)
    with hub.stack.session() as session:
        decision = session.scalars(
            sa.select(Decision)
            .join(Submission, Submission.id == Decision.submission_id)
            .where(Submission.ref == item.ref)
        ).one()
        assert decision.by_panel, "nobody had to approve what the panel agreed on"

    reader = hub.stack.browser()
    contents = reader.get("/")
    topic = next(address for _says, address in contents.links() if address.endswith("/14"))
    assert "Consular help in remote places" in reader.get(topic).text
    assert "Consular help in remote places" in reader.get("/library?q=remote+places").text

    hub.stack.mail(item.email, "library/publish")
    assert events_to(hub, item.email) == [
        "submissions/confirm",
        "submissions/submit",
        "reviews/start_review",
        "reviews/approve",
        "library/publish",
    ]
    assert events_to(hub, replacement.email)[:2] == ["reviews/invite", "reviews/accept"]


def test_the_submitter_never_learns_who_the_reviewers_are(hub: Hub) -> None:
    item = hub.suggest("Consular help without a consul")
    panel = hub.start_review(item.ref)
    tracking = hub.stack.link(item.email, "reviews/start_review")
    item.browser.get(tracking)
    for who in panel:
        hub.review(who)
        item.browser.get(tracking)
    hub.is_in(item.ref, State.PUBLISHED)
    item.browser.get(hub.stack.link(item.email, "library/publish"))
    item.browser.get(tracking)

    editors_page = hub.desk.get(f"/desk/submissions/{item.ref}").content
    for who in panel:
        assert who.name in editors_page, "there is something to leak"
    for page in item.browser.seen:
        assert CANARY not in page.casefold()
    for mail in hub.stack.mails.accepted:
        if mail.to == item.email:
            assert CANARY not in mail.message.as_string().casefold() + mail.text + mail.html


def test_a_split_panel_calls_a_tie_breaker_and_an_editor_decides(hub: Hub) -> None:
    item = hub.suggest("A disputed handbook for consuls")
    one, two, three = hub.start_review(item.ref)
    hub.review(one)
    hub.review(two)
    hub.review(three, "do_not_include")
    (fourth,) = hub.asked(item.ref, 1, slot=Slot.TIE_BREAKER)
    hub.review(fourth)
    hub.is_in(item.ref, State.REVIEWED)
    hub.stack.mail(hub.editor_of(item.ref), "reviews/finish_review")
    steps.take_step(hub.desk, item.ref, "approve", "Approve", note="Three of four were sure.")
    hub.is_in(item.ref, State.PUBLISHED)


def test_an_editor_rejects_with_a_reason_that_the_submitter_reads(hub: Hub) -> None:
    item = hub.suggest("A handbook that is out of date")
    for who in hub.start_review(item.ref):
        hub.review(who, "do_not_include")
    hub.is_in(item.ref, State.REVIEWED)
    reason = "The law that it explains was replaced in 2019."
    steps.take_step(hub.desk, item.ref, "reject", "Do not include", reason="outdated", note=reason)
    mail = hub.stack.mail(item.email, "reviews/reject")
    assert "Outdated" in mail.text
    assert reason in mail.text
    item.browser.get(mail.links(hub.stack.base_url)[0])
    assert reason in item.browser.page.text


def test_changes_are_requested_made_by_link_and_reviewed_again(hub: Hub) -> None:
    item = hub.suggest("A handbook with the wrong title")
    panel = hub.start_review(item.ref)
    for who in panel:
        hub.review(who, "include_corrected")
    hub.is_in(item.ref, State.REVIEWED)
    steps.take_step(
        hub.desk,
        item.ref,
        "request_changes",
        "Send to the submitter",
        wanted="Please give the title that stands on the cover.",
    )
    steps.revise(
        item.browser,
        hub.stack.link(item.email, "reviews/request_changes"),
        title="A handbook with the right title",
        note="The title is the one on the cover now.",
    )
    hub.stack.mail(hub.editor_of(item.ref), "submissions/revise")
    steps.take_step(hub.desk, item.ref, "start_review", "Invite these reviewers")
    second = hub.asked(item.ref, 3)
    for who in second:
        hub.review(who)
    hub.is_in(item.ref, State.PUBLISHED)
    page = hub.stack.browser().get("/library?q=right+title")
    assert "A handbook with the right title" in page.text


def test_a_submitter_withdraws_and_the_reviewers_are_told(hub: Hub) -> None:
    item = hub.suggest("A handbook that its author regrets")
    panel = hub.start_review(item.ref)
    steps.accept(hub.stack, hub.invitation(panel[0]))
    steps.withdraw(item.browser, hub.stack.link(item.email, "reviews/start_review"))
    hub.is_in(item.ref, State.WITHDRAWN)
    for who in panel:
        hub.stack.mail(who.email, "reviews/cancel", about=who.assignment_id)
    page = hub.stack.browser().get(hub.invitation(panel[1]))
    assert not {"Send the review", "I can, and I have no conflict"} & set(page.buttons)
    editor = hub.editor_of(item.ref)
    waits = sa.select(Message.state).where(
        Message.event == "reviews/withdrawn", Message.address == editor
    )
    with hub.stack.session() as session:  # nothing has to be done: it comes with the daily mail
        assert set(session.scalars(waits)) == {MessageState.WAITING}


def test_two_last_reviews_at_once_finish_the_panel_once(hub: Hub) -> None:
    item = hub.suggest("A handbook that two judge at once")
    first, *last = hub.start_review(item.ref)
    hub.review(first)
    browsers = [steps.accept(hub.stack, hub.invitation(who)) for who in last]
    with ThreadPoolExecutor(len(browsers)) as pool:
        list(pool.map(steps.review, browsers))
    hub.is_in(item.ref, State.PUBLISHED)
    with hub.stack.session() as session:
        decisions = sa.select(Decision).join(Submission, Submission.id == Decision.submission_id)
        assert len(session.scalars(decisions.where(Submission.ref == item.ref)).all()) == 1
    assert events_to(hub, item.email).count("reviews/approve") == 1


def test_of_two_editors_who_decide_at_once_the_second_sees_the_firsts_decision(hub: Hub) -> None:
    item = hub.suggest("A handbook that two editors decide on")
    for who in hub.start_review(item.ref):
        hub.review(who, "include_corrected")
    hub.is_in(item.ref, State.REVIEWED)
    other = steps.sign_in(hub.stack, hub.team.deputy)
    hub.desk.get(f"/submissions/{item.ref}/approve")
    other.get(f"/submissions/{item.ref}/reject")
    hub.desk.press("Approve", note="Corrected on the desk.")
    with pytest.raises(PageError, match=r"^409 .*already decided: approved"):
        other.press("Do not include", "reject", reason="outdated", note="It is old.")
    hub.is_in(item.ref, State.PUBLISHED)


def test_a_mail_server_that_refuses_delays_mails_and_loses_none(hub: Hub) -> None:
    mails = hub.stack.mails
    before = mails.refused
    mails.refusal = "451 4.3.0 Try again later"
    try:
        browser = hub.stack.browser()
        steps.suggest(
            browser, email="late@suggests.example", title="A late mail", url="https://late.example/"
        )
        hub.stack.wait(lambda _session: mails.refused > before, what="the mail is refused")
    finally:
        mails.refusal = ""
    hub.stack.make_due()
    mail = hub.stack.mail("late@suggests.example", "submissions/confirm")
    assert [one.id for one in mails.accepted].count(mail.id) == 1


def test_a_scanner_that_follows_every_link_changes_nothing(hub: Hub) -> None:
    item = hub.suggest("A handbook that a scanner looks at")
    panel = hub.start_review(item.ref)
    hub.review(panel[0])
    steps.accept(hub.stack, hub.invitation(panel[1]))
    hub.stack.drain()
    scanner = hub.stack.browser()
    links = {link for mail in hub.stack.mails.accepted for link in mail.links(hub.stack.base_url)}
    assert {hub.invitation(who) for who in panel} < links
    before = hub.stack.settled()
    for link in sorted(links):
        scanner.get(link)
        scanner.head(link)
    assert hub.stack.contents() == before


def test_no_mail_was_lost_or_sent_twice(hub: Hub) -> None:
    hub.stack.drain()
    numbers = [mail.number for mail in hub.stack.mails.accepted]
    assert sorted(numbers) == sorted(set(numbers))
    assert set(numbers) == hub.stack.promised()


def test_after_all_this_the_data_keep_every_rule(hub: Hub) -> None:
    with hub.stack.application():
        assert [(one.says, broken(one)) for one in INVARIANTS if broken(one)] == []
