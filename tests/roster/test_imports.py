"""A list of people: what of it goes in, what is refused and why, and what a second time does."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.core.errors import InvalidInput
from reviewhub.jobs.models import Job, JobState
from reviewhub.notifications.models import Message
from reviewhub.roster import sheets
from reviewhub.roster.imports import NAMES, check, template
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.operations import imports, invitations
from reviewhub.roster.operations.invitations import Outcome
from reviewhub.roster.tasks import import_files
from reviewhub.web.spreadsheets import csv_lines

GOOD: dict[str, object] = {
    "email": "ana@host.example", "name": "Ana Listed", "organisation": "Institute of Lists",
    "kind": "external", "country": "Kenya", "languages": "en; Français",
    "topics": "14 (expert); 2", "years": "8", "capacity": "3", "statement": "Knows the field.",
    "competing_interests": "none", "government": "",
}  # fmt: skip
# What can be wrong with a row: the cells that make it so, the column that is named, and a word of
# the reason.
BROKEN: list[tuple[dict[str, object], str, str]] = [
    ({"email": "no address"}, "email", "e-mail address"),
    ({"email": ""}, "email", "empty"),
    ({"name": "x"}, "name", "single letter"),
    ({"name": "y" * 201}, "name", "200"),
    ({"name": "=HYPERLINK(1)"}, "name", "formula"),
    ({"organisation": ""}, "organisation", "empty"),
    ({"organisation": "+1 and more"}, "organisation", "formula"),
    ({"kind": "perhaps"}, "kind", "internal"),
    ({"country": "Atlantis"}, "country", "Atlantis"),
    ({"country": ""}, "country", "empty"),
    ({"languages": "en; Klingon"}, "languages", "Klingon"),
    ({"languages": ""}, "languages", "empty"),
    ({"topics": "14; 99999"}, "topics", "99999"),
    ({"topics": ""}, "topics", "at least one"),
    ({"topics": "1; 2; 3; 4; 5; 6"}, "topics", "at most 5"),
    ({"years": "many"}, "years", "0 to 60"),
    ({"years": "61"}, "years", "0 to 60"),
    ({"capacity": "0"}, "capacity", "1 to 20"),
    ({"statement": "@" + "s" * 30}, "statement", "formula"),
    ({"statement": "s" * 1501}, "statement", "1500"),
    ({"government": "Nowhere"}, "government", "Nowhere"),
    ({"email": "person1@host.example"}, "email", "row 2"),
]


def as_csv(rows: list[dict[str, object]], names: list[str] | None = None) -> bytes:
    names = names or list(NAMES)
    lines = [",".join(names)]
    lines += [",".join(f'"{row.get(name, "")}"' for name in names) for row in rows]
    return "\n".join(lines).encode()


def as_xlsx(rows: list[dict[str, object]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 -- the one test that needs it

    book = Workbook()
    page = book.active
    page.append(list(NAMES))
    for row in rows:
        page.append([row.get(name, "") for name in NAMES])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def person(number: int, **values: object) -> dict[str, object]:
    return {
        **GOOD, "email": f"person{number}@host.example", "name": f"Person {number}", **values
    }  # fmt: skip


@pytest.fixture
def inviting(manager: Person, by: Callable[[Person], Actor]) -> Callable[[bytes], Outcome]:
    """Invites whom a CSV file names, as the roster manager."""

    def _invite(content: bytes) -> Outcome:
        _total, outcome, batches = imports.batches(content, "list.csv")
        for batch in batches:
            outcome += invitations.invite(batch, by=by(manager), locale="en")
        return outcome

    return _invite


def how_many(db: Any, model: Any) -> int:
    return int(db.scalar(sa.select(sa.func.count()).select_from(model)))


@pytest.mark.slow
def test_of_two_thousand_rows_the_good_ones_go_in_once_and_the_others_say_why(
    db: Any, clock: Any, inviting: Any, manager: Person, by: Any
) -> None:
    rows = [person(number) for number in range(1, 1901)]
    wrong = [BROKEN[number % len(BROKEN)] for number in range(100)]
    rows += [person(9000 + number, **cells) for number, (cells, _c, _r) in enumerate(wrong)]
    content = as_csv(rows)

    foreseen = imports.check(content, "list.csv", by=by(manager), locale="en")
    assert (foreseen.new, len(foreseen.refused)) == (1900, 100)
    assert how_many(db, Invitation) == 0, "a check writes nothing"

    first = inviting(content)
    assert (first.new, len(first.changed), first.unchanged) == (1900, 0, 0)
    assert [one.row for one in first.refused] == list(range(1902, 2002))
    for refusal, (_cells, column, word) in zip(first.refused, wrong, strict=True):
        assert (refusal.column, word in refusal.reason) == (column, True), refusal
    assert how_many(db, Invitation) == 1900

    people, mails = how_many(db, Person), how_many(db, Message)
    second = inviting(content)
    assert (second.new, second.unchanged, len(second.refused)) == (0, 1900, 100)
    assert (how_many(db, Person), how_many(db, Message)) == (people, mails)


def test_a_changed_row_is_taken_over_and_told_without_a_second_mail(
    db: Any, clock: Any, inviting: Any
) -> None:
    inviting(as_csv([person(1), person(2)]))
    mails = how_many(db, Message)
    again = inviting(as_csv([person(1), person(2, capacity="5", country="FRA")]))
    assert again.changed == ((3, "country, capacity"),)
    assert again.unchanged == 1
    said = db.scalars(sa.select(Invitation.answers).order_by(Invitation.id)).all()
    assert [one["capacity"] for one in said] == [3, 5]
    assert how_many(db, Message) == mails


def test_who_is_on_the_roster_has_applied_left_or_said_no_is_left_as_they_are(
    db: Any, clock: Any, make: Any, make_application: Any, inviting: Any
) -> None:
    member, former = make.member(), make.member(state="ended", ended_at=clock())
    applicant, gone = make.person(), make.person(suspended_at=clock())
    make_application(person_id=applicant.id)
    people = [db.get(Person, one.person_id) for one in (member, former)] + [applicant, gone]
    outcome = inviting(as_csv([{**GOOD, "email": one.email} for one in people]))
    assert (outcome.new, outcome.on_roster) == (0, 1)
    assert [(one.row, one.reason.split()[0:4]) for one in outcome.refused] == [
        (3, ["This", "person", "has", "left"]),
        (4, ["This", "person", "has", "applied:"]),
        (5, ["The", "account", "with", "this"]),
    ]


def test_columns_are_known_by_their_names_in_any_order_and_tongue(
    clock: Any, app: Any, db: Any
) -> None:
    names = ["Topics", "E-Mail", "Shoe size", "Country of work", "Full name", "Affiliation", "KIND",
             "Languages read"]  # fmt: skip
    row = {
        "Topics": "14", "E-Mail": "Ana@Host.example", "Country of work": "KE", "KIND": "internal",
        "Full name": "Ana", "Affiliation": "Institute", "Languages read": "English; ar",
    }  # fmt: skip
    [found], refused = check(sheets.read("list.csv", as_csv([row], names)))
    assert refused == []
    assert found.email == "ana@host.example"
    assert (found.said["country"], found.said["internal"]) == ("KEN", True)
    assert (found.said["languages"], found.said["topics"]) == (["en", "ar"], {"14": 2})
    with pytest.raises(InvalidInput, match="email, country"):
        check(sheets.read("list.csv", as_csv([], ["name", "organisation", "kind", "languages",
                                                  "topics"])))  # fmt: skip
    with pytest.raises(InvalidInput, match="twice"):
        check(sheets.read("list.csv", as_csv([], ["email", "mail"])))


def test_the_empty_list_that_is_handed_out_can_be_sent_back(clock: Any, app: Any, db: Any) -> None:
    header, example = template()
    content = "".join(csv_lines(header, [example])).encode()
    candidates, refused = check(sheets.read("people.csv", content))
    assert (len(candidates), refused) == (1, [])


@pytest.mark.lasting
def test_a_spreadsheet_says_the_same_as_the_text_file(clock: Any, app: Any, db: Any) -> None:
    rows = [person(1, years=8, capacity=3), person(2, name="=1+1"), {}, person(3)]
    from_book, refused = check(sheets.read("list.xlsx", as_xlsx(rows)))
    from_text, refused_too = check(sheets.read("list.csv", as_csv(rows)))
    assert [one.said for one in from_book] == [one.said for one in from_text]
    assert [one.row for one in from_book] == [2, 5]
    assert refused[0] == refused_too[0]
    assert refused[0].row == 3


@pytest.mark.lasting
def test_what_can_not_be_read_or_is_too_much_is_refused_with_a_sentence(app: Any) -> None:
    bomb, strange = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (sheets.MOST_UNPACKED + 1))
    with zipfile.ZipFile(strange, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]>')
    many = as_csv([person(1)] * (sheets.MOST_ROWS + 1), ["email"])
    for name, content, word in [
        ("list.pdf", b"%PDF", "csv or .xlsx"),
        ("list.csv", b"", "empty"),
        ("list.csv", "Zoë".encode("latin-1"), "UTF-8"),
        ("list.csv", b'"a\nb', "CSV"),
        ("list.csv", b"x" * (sheets.MOST_BYTES + 1), "too large"),
        ("list.csv", many, "rows at most"),
        ("list.xlsx", bomb.getvalue(), "safely"),
        ("list.xlsx", strange.getvalue(), "safely"),
        ("list.xlsx", b"PK and nothing more", "safely"),
    ]:
        with pytest.raises(InvalidInput, match=word):
            sheets.read(name, content)


def test_a_list_is_checked_looked_at_and_applied_by_a_manager(
    db: Any, clock: Any, manager: Person, sign_in: Any
) -> None:
    browser = sign_in(manager)
    assert "template.csv" in browser.get("/roster/import").text
    content = as_csv([person(1), person(2, country="Atlantis")])
    sent = browser.post("/roster/import", data={"file": (io.BytesIO(content), "people.csv")})
    assert sent.status_code == 302
    assert 'data-progress="running"' in browser.get(sent.location).text
    assert browser.post(f"{sent.location}/apply").status_code == 409, "not before it is checked"

    assert import_files() == 1
    page = browser.get(sent.location).text
    assert "Nothing has happened yet" in page
    assert "Atlantis" in page
    assert "Atlantis" in browser.get(f"{sent.location}/refused.csv").text
    assert how_many(db, Invitation) == 0

    applied = browser.post(f"{sent.location}/apply")
    assert import_files() == 1
    assert "The mails are on their way" in browser.get(applied.location).text
    assert how_many(db, Invitation) == 1
    assert browser.post(f"{sent.location}/apply").status_code == 409, "the list is gone"
    report = str(db.scalars(sa.select(Job.report)).all())
    assert "host.example" not in report
    assert "Person 1" not in report


def test_a_list_whose_manager_lost_the_role_fails_with_a_sentence(
    db: Any, clock: Any, manager: Person, by: Any
) -> None:
    job = imports.put_down("a.csv", as_csv([person(1)]), by=by(manager), locale="en")
    manager.grants = []
    db.flush()
    assert import_files() == 1
    db.refresh(job)
    assert (job.state, "roster manager" in job.report["error"]) == (JobState.FAILED, True)
