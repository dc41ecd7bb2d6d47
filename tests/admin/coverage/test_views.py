"""The board's page and file: links that lead to those who were counted, and nobody's gender."""

import csv
import io
import re
from html import unescape

import pytest

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.roster import operations as verbs
from reviewhub.roster.answers import Profile
from reviewhub.roster.models import Gender

ADDRESS = "/roster/coverage"


@pytest.fixture
def manager(make):
    return make.staff(Role.ROSTER_MANAGER, name="Roster Manager")


@pytest.mark.lasting
def test_each_cell_leads_to_those_whom_it_counts(db, make, sign_in, manager):
    african = make.member(person=make.person(country="KEN"), languages=["en", "ar"])
    make.member(person=make.person(country="FRA"), regions=["africa"], internal=True)
    make.member(person=make.person(country="FRA"), topics={"2": 3}, languages=["fr"])
    gone = make.member(person=make.person(country="KEN"))
    db.get_one(Person, gone.person_id).suspended_at = african.joined_at
    browser = sign_in(manager)
    page = browser.get(ADDRESS).get_data(as_text=True)
    cells = re.findall(r'<a href="(/roster/members[^"]*)"><svg.*?</svg> (\d+) \+ (\d+)</a>', page)
    assert len(cells) > 10
    for href, internal, external in cells:
        listed = browser.get(unescape(href)).get_data(as_text=True)
        rows = listed.count('<th scope="row"')
        assert rows == int(internal) + int(external), href
    assert ("/roster/members?serves=1&amp;topic=14&amp;region=africa", "1", "1") in cells


def test_a_board_that_was_drawn_before_shows_what_has_changed(db, make, sign_in, manager):
    member = make.member(person=make.person(country="KEN"), internal=True, capacity=2)
    browser = sign_in(manager)

    def free() -> list[str]:
        page = browser.get(ADDRESS).get_data(as_text=True)
        return re.findall(r">(\d+) free<", page)

    assert "2" in free()
    assert free() == free()
    member.capacity = 7
    db.flush()
    assert "7" in free()
    assert "2" not in free()


def test_an_empty_board_says_what_to_do_and_that_everything_lacks(sign_in, manager):
    page = sign_in(manager).get(ADDRESS).get_data(as_text=True)
    assert "Nobody is on the roster yet" in page
    assert "Nobody can judge it." in page


def test_the_file_has_a_line_for_each_topic_and_region(make, sign_in, manager):
    make.member(person=make.person(country="KEN"), internal=True, capacity=2)
    answer = sign_in(manager).get(f"{ADDRESS}.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.get_data(as_text=True).lstrip("\ufeff")
    header, *rows = csv.reader(io.StringIO(text))
    assert len(rows) == 24 * 6
    assert {len(row) for row in rows} == {len(header)}
    (whole,) = (row for row in rows if row[0].startswith("14") and not row[1])
    line = dict(zip(header, whole, strict=True))
    assert (line["UN"], line["non-UN"], line["Reads English: UN"]) == ("1", "0", "1")
    assert line["Reviews free in this half-year: UN"] == "2"
    assert line["Lacking now"].startswith("No non-UN reviewer can judge it.")
    (africa,) = (row for row in rows if row[0].startswith("14") and row[1] == "Africa")
    assert africa[2:4] == ["1", "0"]
    assert "ender" not in text


def _says(gender):
    return Profile(
        languages=("en",), topics={"14": 3}, regions=(), themes=(), backgrounds=(), capacity=2,
        competing_interests="none", gender=gender,
    )  # fmt: skip


@pytest.mark.lasting
def test_nobody_but_the_member_ever_reads_their_gender(db, make, sign_in, manager):
    member = make.member()
    own = db.get_one(Person, member.person_id)
    verbs.edit(member, _says("another"), by=Actor(person_id=own.id))
    assert member.gender is Gender.ANOTHER
    verbs.edit(member, _says("man"), by=Actor(person_id=manager.id, roles=manager.roles))
    assert member.gender is Gender.ANOTHER, "only the member says it"
    page = sign_in(own).get(f"/roster/members/{member.id}/edit").get_data(as_text=True)
    assert '<option selected value="another">' in page
    browser = sign_in(manager)
    others = [
        ADDRESS, f"{ADDRESS}.csv", "/roster/members", f"/roster/members/{member.id}",
        f"/roster/members/{member.id}/edit", "/desk/history",
    ]  # fmt: skip
    for address in others:
        text = browser.get(address).get_data(as_text=True)
        assert not re.search(r'value="another"|another answer|name="gender"', text), address


def test_a_balance_is_told_once_the_groups_are_large_enough(db, make, sign_in, manager):
    browser = sign_in(manager)
    for gender, number in ((Gender.WOMAN, 6), (Gender.MAN, 5), (Gender.ANOTHER, 1), (None, 7)):
        for _one in range(number):
            make.member().gender = gender
    db.flush()
    page = browser.get(ADDRESS).get_data(as_text=True)
    assert "women: about 5 (25 %)" in page
    assert "the rest: another answer or not said" in page
    assert "another answer: about" not in page
