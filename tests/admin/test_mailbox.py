"""The demo's mailbox: only in a demo, and nothing in a mail can do harm."""

from email.message import EmailMessage

import pytest

from reviewhub.admin.mailbox import linked
from reviewhub.core import config
from reviewhub.notifications import mailbox


@pytest.fixture
def demo(app, tmp_path):
    """The same application, as a demonstration with an empty mailbox."""
    before = config.current()
    config.use(before.model_copy(update={"demo": True, "var": tmp_path}))
    yield tmp_path / "mailbox"
    config.use(before)


def put(folder, subject="A subject", text="Words.\n", html="<p>Words.</p>", to="a@b.example"):
    mail = EmailMessage()
    mail["Subject"], mail["Message-ID"] = subject, f"<{subject}@hub.example>"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mailbox.store(folder, "hub@hub.example", [to], bytes(mail)).stem


def test_there_is_no_mailbox_outside_a_demo(client):
    assert client.get("/desk/mail").status_code == 404
    assert client.get("/desk/mail/20260101T000000.000000-0123456789abcdef").status_code == 404


def test_mails_are_listed_and_found_by_address(client, demo):
    put(demo, "To Anna", to="anna@people.example")
    put(demo, "To Bert", to="bert@people.example")
    text = client.get("/desk/mail").text
    assert "To Anna" in text
    assert "To Bert" in text
    assert "To Bert" not in client.get("/desk/mail?to=anna@people.example").text


def test_an_empty_mailbox_says_how_it_fills(client, demo):
    assert "No mail yet" in client.get("/desk/mail").text


def test_only_our_own_addresses_become_links(client, demo):
    text = "See http://localhost/desk?key=1.\nNot https://evil.example/x, not <b>this</b>."
    body = client.get(f"/desk/mail/{put(demo, text=text)}").text
    assert '<a href="http://localhost/desk?key=1">' in body
    assert 'href="https://evil.example' not in body
    assert "&lt;b&gt;this&lt;/b&gt;" in body


@pytest.mark.parametrize("address", ["http://localhost@evil.example/", "http://localhost.evil.example",
                                     "http://[broken", "javascript:alert(1)"])  # fmt: skip
def test_addresses_that_pretend_to_be_ours_stay_text(app, address):
    assert "<a" not in linked(address)


def test_the_formatted_mail_can_run_and_load_nothing(client, demo):
    mail_id = put(demo, html="<p>Hi</p><script>alert(1)</script>")
    answer = client.get(f"/desk/mail/{mail_id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


def test_an_unknown_mail_is_not_found(client, demo):
    for mail_id in ("nothing", "..", "20260101T000000.000000-0123456789abcdef"):
        assert client.get(f"/desk/mail/{mail_id}").status_code == 404
