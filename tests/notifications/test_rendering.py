"""From a row to a finished mail: whatever a person wrote stays text."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import links
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.notifications.models import Message, Notice
from reviewhub.notifications.rendering import notice_text, render
from tests.conftest import START, SetClock
from tests.factories import Factory
from tests.second_app import changed_settings

Mail = Callable[..., EmailMessage]


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Whom the mails are for."""
    return make.person(email="ada@host.example")


@pytest.fixture
def mail(ada: Person, db: scoped_session[Session]) -> Mail:
    """A question to an applicant, or another letter, as it would be sent."""

    def finished(event: str = "roster/ask", locale: str = "en", **context: Any) -> EmailMessage:
        given = {
            "ref": "A-1", "name": "Ada", "question": "Why?", "by": "2026-03-09",
            "endpoint": "library.resource", "values": {"slug": "a"}, "link_id": None,
            **context,
        }  # fmt: skip
        message = Message(
            event=event, object_type="people", object_id=ada.id, recipient_id=ada.id,
            address=ada.email, locale=locale, context=given, created_at=START, due_at=START,
        )  # fmt: skip
        with db.begin_nested() as savepoint:
            db.add(message)
            db.flush()
            finished_mail = render(message)
            savepoint.rollback()
        return finished_mail

    return finished


def _invitation(mail: Mail, title: str, **context: Any) -> EmailMessage:
    return mail("reviews/invite", title=title, days=14, answer_by="2026-03-09", **context)


def _text(mail: EmailMessage) -> str:
    return str(mail.get_body(("plain",)).get_content())


def _html(mail: EmailMessage) -> str:
    return str(mail.get_body(("html",)).get_content())


def _tags(mail: EmailMessage, name: str) -> list[Any]:
    tree = html5lib.parse(_html(mail), namespaceHTMLElements=False)
    return list(tree.iter(name))


def test_a_mail_has_what_every_mail_needs(mail: Mail) -> None:
    ready = mail()
    assert ready["To"] == "ada@host.example"
    assert ready["From"] == "ReviewHub <noreply@example.org>"
    assert ready["Subject"] == "A question about your application A-1"
    assert ready["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert ready["Message-ID"].startswith("<outbox-")
    assert ready["Message-ID"].endswith("@example.org>")
    assert ready["Auto-Submitted"] == "auto-generated"
    assert ready["Content-Language"] == "en"
    assert [part.get_content_type() for part in ready.iter_parts()] == ["text/plain", "text/html"]


def test_the_html_says_the_same_words_as_the_text(mail: Mail) -> None:
    ready = mail(question="First.\n\nSecond <here>.")
    tree = html5lib.parse(_html(ready), namespaceHTMLElements=False)
    shown = " ".join(" ".join(tree.find("body").itertext()).split())
    assert shown == " ".join(f"{ready['Subject']} {_text(ready)}".split())


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_a_title_adds_no_header_whatever_breaks_its_line(mail: Mail, break_: str) -> None:
    ready = _invitation(mail, f"Title{break_}Bcc: eve@host.example{break_}{break_}Hello")
    assert ready["Bcc"] is None
    assert ready["Subject"].startswith("Invitation to review: Title")
    assert len(ready["Subject"].splitlines()) == 1
    assert [
        line for line in bytes(ready).split(b"\n\n")[0].splitlines() if b"Bcc" in line[:4]
    ] == []


@pytest.mark.lasting
@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_title_makes_a_mail_that_can_be_sent(mail: Mail, title: str) -> None:
    ready = _invitation(mail, title.encode("utf-8", "replace").decode())
    assert bytes(ready)
    assert len(ready["Subject"].splitlines()) == 1


def test_markup_that_a_person_wrote_is_shown_and_not_obeyed(mail: Mail) -> None:
    wrote = "<script>alert(1)</script> <img src=x onerror=alert(1)> **bold** [a](https://e.example)"
    ready = mail(question=wrote)
    assert wrote in _text(ready)
    assert [_tags(ready, tag) for tag in ("script", "img", "strong", "b")] == [[], [], [], []]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in _html(ready)
    assert "**bold** [a](https://e.example)" in _html(ready)


def _buttons(mail: EmailMessage) -> list[str]:
    return [str(a.get("href")) for a in _tags(mail, "a")]


def test_our_own_address_on_a_line_of_its_own_is_a_button(mail: Mail) -> None:
    assert _buttons(mail()) == ["http://localhost/resources/a"]


FOREIGN = [
    "https://evil.example/",
    "http://localhost.evil.example/",
    "http://localhost@evil.example/",
    "http://localhost:8000/",
    "https://localhost/",
    "//localhost/",
    "http://[",
    "http://[::1",
    "javascript:alert(1)//http://localhost/",
    "http://localhost/ and more",
    "http://localhost/\tmore",
    "see http://localhost/",
]


@pytest.mark.parametrize("line", FOREIGN)
def test_any_other_address_stays_text(mail: Mail, line: str) -> None:
    ready = mail(question=line)
    assert _buttons(ready) == ["http://localhost/resources/a"]
    assert line.partition("\t")[0] in _text(ready)


def test_lines_with_dashes_are_a_list_and_its_items_are_text(mail: Mail) -> None:
    ready = mail(question="- one <b>\n- two")
    assert [item.text for item in _tags(ready, "li")] == ["one <b>", "two"]


def test_single_line_breaks_stay(mail: Mail) -> None:
    assert len(_tags(mail(question="one\ntwo\nthree"), "br")) == 2


@pytest.mark.parametrize(("locale", "direction"), [("en", "ltr"), ("ar", "rtl"), ("fr", "ltr")])
def test_a_mail_reads_in_its_languages_direction(mail: Mail, locale: str, direction: str) -> None:
    ready = mail(locale=locale)
    (page,) = _tags(ready, "html")
    assert (page.get("lang"), page.get("dir")) == (locale, direction)
    assert ready["Content-Language"] == locale


def test_dates_are_written_in_the_recipients_language(mail: Mail) -> None:
    assert "9 Mar 2026" in _text(mail())
    assert "9 mars 2026" in _text(mail(locale="fr"))


def test_the_key_stands_in_our_own_links_and_nowhere_else(mail: Mail, ada: Person) -> None:
    link = links.ensure(Capability.APPLICATION, 7, person_id=ada.id)
    key = links.token(link)
    ready = mail(link_id=link.id, question="https://evil.example/\n\nhttp://localhost/elsewhere")
    assert _text(ready).count(key) == 1
    assert f"http://localhost/resources/a?key={key}" in _text(ready)
    assert [button.partition("?")[0] for button in _buttons(ready)] == [
        "http://localhost/elsewhere",
        "http://localhost/resources/a",
    ]
    assert key not in str(ready.items())


def test_the_key_is_the_one_of_the_moment_of_sending(mail: Mail, ada: Person) -> None:
    link = links.ensure(Capability.APPLICATION, 7, person_id=ada.id)
    old = links.token(link)
    links.revoke(Capability.APPLICATION, 7)
    new = links.token(links.ensure(Capability.APPLICATION, 7, person_id=ada.id))
    text = _text(mail(link_id=link.id))
    assert new in text
    assert old not in text


def test_addresses_come_from_the_settings(mail: Mail) -> None:
    with changed_settings(base_url="https://hub.example/library"):
        ready = mail()
    assert _buttons(ready) == ["https://hub.example/library/resources/a"]


def test_a_mail_told_in_advance_is_dated_when_it_was_to_go_out(
    db: scoped_session[Session], ada: Person, clock: SetClock
) -> None:
    message = Message(
        event="reviews/invite", object_type="people", object_id=1, recipient_id=ada.id,
        address=ada.email, locale="en", created_at=START, due_at=clock.advance(days=7),
        context={
            "endpoint": "", "values": {}, "title": "T", "days": 1, "answer_by": "2026-03-09",
        },
    )  # fmt: skip
    db.add(message)
    db.flush()
    assert render(message)["Date"] == "Mon, 09 Mar 2026 09:00:00 +0000"


def test_a_notice_shows_the_subject_of_its_mail(db: scoped_session[Session], app: Any) -> None:
    context = {"title": "A <b>title</b>", "days": 1, "answer_by": "2026-03-09"}
    notice = Notice(event="reviews/invite", context=context, endpoint="library.resource")
    with app.test_request_context():
        assert notice_text(notice) == "Invitation to review: A <b>title</b>"
