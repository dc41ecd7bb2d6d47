"""The calendar entry, held to RFC 5545 line by line, and to what a calendar may tell."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.accounts.models import Person
from reviewhub.notifications.models import Message
from reviewhub.notifications.rendering import render
from reviewhub.reviews import calendar, operations
from reviewhub.reviews.models import Assignment
from tests.reviews.scene import Scene, as_reviewer, send


@pytest.fixture
def scene(make: Any, db: Any, clock: Any) -> Scene:
    """A panel that is writing."""
    scene = Scene(make, db)
    scene.panel()
    return scene


def lines(text: str) -> list[str]:
    """The content lines, unfolded."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def values(text: str) -> dict[str, str]:
    """The properties of the event; an alarm's own come after it and are left out."""
    event = lines(text)
    end = event.index("BEGIN:VALARM") if "BEGIN:VALARM" in event else len(event)
    return dict(line.split(":", 1) for line in event[:end])


def attached(scene: Scene, event: str) -> list[str]:
    """The entries that mails of this event carry, oldest first."""
    found = scene.db.query(Message).filter_by(event=f"reviews/{event}").order_by(Message.id)
    parts = [list(render(message).iter_attachments()) for message in found]
    for (part,) in parts:
        assert part.get_content_type() == "text/calendar"
        assert part.get_filename() == "review.ics"
    return [part.get_payload(decode=True).decode() for (part,) in parts]


def test_an_accepted_review_comes_with_an_entry_for_its_date(scene: Scene) -> None:
    seat = scene.round.assignments[0]
    found = values(attached(scene, "accept")[0])
    assert found["METHOD"] == "PUBLISH"
    assert found["UID"] == f"assignment-{seat.id}@localhost"
    assert found["DTSTAMP"] == "20260302T090000Z"
    assert found["DTSTART"] == "20260323T083000Z"
    assert found["DTEND"] == "20260323T090000Z"
    assert (found["STATUS"], found["CLASS"]) == ("CONFIRMED", "PRIVATE")


def test_the_frame_is_in_the_order_that_the_standard_wants(scene: Scene) -> None:
    found = lines(attached(scene, "accept")[0])
    assert found[:4] == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ReviewHub//Review due dates//EN",
        "METHOD:PUBLISH",
    ]  # fmt: skip
    assert found[4] == "BEGIN:VEVENT"
    assert found[-7:] == [
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:A review is due in two days.",
        "TRIGGER:-P2D", "END:VALARM", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_more_time_moves_the_same_entry(scene: Scene) -> None:
    seat = scene.round.assignments[0]
    before = values(attached(scene, "accept")[0])
    operations.extend(seat, by=as_reviewer(seat), days=7)
    operations.give_time(seat, by=scene.by_editor, days=3)
    first, second = (values(text) for text in attached(scene, "extend"))
    assert before["UID"] == first["UID"] == second["UID"]
    assert int(before["SEQUENCE"]) < int(first["SEQUENCE"]) < int(second["SEQUENCE"])
    assert (first["DTEND"], second["DTEND"]) == ("20260330T090000Z", "20260402T090000Z")


def test_who_is_let_go_gets_the_entry_called_off(scene: Scene) -> None:
    seat = scene.round.assignments[0]
    operations.let_go(seat, by=scene.by_editor, note="It is no longer needed.")
    (text,) = attached(scene, "cancel")
    found = values(text)
    assert (found["METHOD"], found["STATUS"]) == ("CANCEL", "CANCELLED")
    assert found["UID"] == values(attached(scene, "accept")[0])["UID"]
    assert int(found["SEQUENCE"]) > int(values(attached(scene, "accept")[0])["SEQUENCE"])
    assert "BEGIN:VALARM" not in text


def test_a_sent_review_reminds_nobody_any_more(scene: Scene) -> None:
    send(scene.round.assignments[0])
    assert values(attached(scene, "submit")[0])["METHOD"] == "CANCEL"


def test_who_never_accepted_has_no_entry_to_call_off(make: Any, db: Any, clock: Any) -> None:
    scene = Scene(make, db)
    invited = scene.start()[0]
    operations.let_go(invited, by=scene.by_editor, note="It is no longer needed.")
    message = db.query(Message).filter_by(event="reviews/cancel").one()
    assert list(render(message).iter_attachments()) == []


@pytest.mark.lasting
@pytest.mark.parametrize(("anonymity", "is_named"), [("single", False), ("double", False),
                                                     ("visible", True)])  # fmt: skip
def test_a_title_stands_in_a_calendar_only_where_everybody_may_know_who_reviews(
    make: Any, db: Any, clock: Any, anonymity: str, is_named: bool
) -> None:
    scene = Scene(make, db, anonymity=anonymity)
    scene.panel()
    text = attached(scene, "accept")[0]
    for secret in (scene.submission.title, scene.submission.ref):
        assert (secret in "".join(lines(text))) == (is_named and secret == scene.submission.title)
    assert "key=" not in text
    assert "http" not in text


def test_the_page_gives_the_entry_as_a_file(scene: Scene, sign_in: Any, client: Any) -> None:
    seat = scene.round.assignments[0]
    address = f"/assignments/{seat.id}/review.ics"
    answer = sign_in(scene.db.get_one(Person, seat.person_id)).get(address)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert values(answer.get_data(as_text=True))["METHOD"] == "PUBLISH"
    assert client.get(address).status_code == 404


def test_once_nothing_is_due_the_file_takes_the_date_out_again(scene: Scene, sign_in: Any) -> None:
    seat = scene.round.assignments[0]
    operations.decline(seat, by=as_reviewer(seat), reason="no_time")
    browser = sign_in(scene.db.get_one(Person, seat.person_id))
    answer = browser.get(f"/assignments/{seat.id}/review.ics")
    assert values(answer.get_data(as_text=True))["METHOD"] == "CANCEL"


@given(title=st.text(min_size=1, max_size=300))
def test_no_title_breaks_the_entry(title: str) -> None:
    folded = "".join(f"{part}\r\n" for part in calendar._folded(f"SUMMARY:{calendar._text(title)}"))
    if not set(title) & {"\r"}:
        assert lines(folded) == [f"SUMMARY:{calendar._text(title)}"]


def test_what_would_end_or_divide_a_value_is_escaped() -> None:
    assert calendar._text("a,b;c\\d\r\ne\nf") == "a\\,b\\;c\\\\d\\ne\\nf"


def test_no_character_is_cut_in_two() -> None:
    folded = list(calendar._folded("SUMMARY:" + "é" * 100))
    assert [len(part.encode()) for part in folded] == [74, 75, 61]
    assert folded[1].startswith(" ")


def test_the_entry_in_arabic_and_chinese_keeps_within_75_octets(scene: Scene, clock: Any) -> None:
    seat: Assignment = scene.round.assignments[0]
    scene.submission.title = "دليل الممارسات القنصلية " * 5 + "领事手册" * 20
    rules = scene.round.policy.rules | {"anonymity": "visible"}
    text = calendar.entry(
        seat, title=scene.submission.title, rules=calendar.Rules.read(rules),
        written_at=clock() + timedelta(days=1), called_off=False,
    )  # fmt: skip
    assert "领事手册" in values(text)["SUMMARY"]
