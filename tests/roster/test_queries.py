"""What the lists show, what they cost, and who can be asked."""

from datetime import UTC, datetime, time, timedelta

import pytest

from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.roster import queries
from reviewhub.roster.availability import Period
from reviewhub.roster.queries import applications, members
from reviewhub.roster.queries.members import MemberFilter
from reviewhub.roster.workflow import ApplicationState, MembershipState

S, M = ApplicationState, MembershipState


def test_members_come_with_everything_that_choosing_needs(db, make, clock):
    member = make.member(
        internal=True, topics={"14": 3, "2": 2}, languages=["en", "fr"], regions=["africa"],
        themes=["people-centred"], backgrounds=["policy"], capacity=4,
    )  # fmt: skip
    person = db.get_one(Person, member.person_id)
    person.country = "KEN"
    (row,) = queries.eligible_members()
    assert (row.membership_id, row.person_id) == (member.id, person.id)
    assert (row.email, row.country, row.government) == (person.email, "KEN", "")
    assert row.organisation_id == person.organisation_id
    assert row.topics == {"14": 3, "2": 2}
    assert (row.internal, row.capacity) == (True, 4)
    assert (row.languages, row.regions) == ({"en", "fr"}, {"africa"})
    assert (row.themes, row.backgrounds) == ({"people-centred"}, {"policy"})
    assert queries.absences() == {}


def test_a_change_of_a_member_is_seen_at_once(db, make, clock):
    member = make.member(topics={"14": 3, "2": 2}, languages=["en", "fr"], capacity=4)
    (before,) = queries.eligible_members()
    assert queries.eligible_members() == [before]  # the same object, which was not read anew
    person = db.get_one(Person, member.person_id)
    changes = {
        "capacity": lambda: setattr(member, "capacity", 5),
        "languages": lambda: setattr(member, "languages", ["en"]),
        "government": lambda: setattr(member, "government", "KEN"),
        "email": lambda: setattr(person, "email", "another@house.example"),
        "organisation_id": lambda: setattr(person, "organisation_id", None),
        "topics": lambda: setattr(member.topics[0], "level", 2),
    }
    person.organisation_id = make.organisation("House of Words").id
    (before,) = queries.eligible_members()
    for field, change in changes.items():
        change()
        (after,) = queries.eligible_members()
        assert getattr(after, field) != getattr(before, field), field
        before = after


def test_members_of_no_house_and_without_a_topic_are_read_as_such(db, make, clock):
    member = make.member(internal=False, languages=[])
    member.topics.clear()
    db.get_one(Person, member.person_id).organisation_id = None
    (row,) = queries.eligible_members()
    assert (row.organisation_id, row.internal, row.topics, row.languages) == (
        None,
        False,
        {},
        set(),
    )


def test_who_has_ended_or_is_suspended_is_not_among_them(db, make, clock):
    make.member(state=M.ENDED, ended_at=clock())
    suspended = make.member()
    db.get_one(Person, suspended.person_id).suspended_at = clock()
    paused = make.member(absences=[(clock().date(), None)])
    away = make.member()
    db.get_one(Person, away.person_id).away_until = clock() + timedelta(days=3)
    rows = {row.membership_id: row for row in queries.eligible_members()}
    assert set(rows) == {paused.id, away.id}
    today = clock().date()
    assert queries.absences() == {
        paused.person_id: (Period(today),),
        away.person_id: (Period(today, today + timedelta(days=3)),),
    }
    assert set(queries.absences(people=[away.person_id])) == {away.person_id}


def test_what_an_account_says_is_one_absence_with_what_touches_it(db, make, clock):
    today = clock().date()
    later = (today + timedelta(days=4), today + timedelta(days=9))
    member = make.member(absences=[(today - timedelta(days=9), today - timedelta(days=5)), later])
    back = datetime.combine(today + timedelta(days=4), time(), UTC)
    db.get_one(Person, member.person_id).away_until = back
    assert queries.absences() == {member.person_id: (Period(today, later[1]),)}
    db.get_one(Person, member.person_id).away_until = clock()  # is back
    assert queries.absences() == {member.person_id: (Period(*later),)}


def test_they_can_be_narrowed_to_topics_without_losing_their_other_topics(make, clock):
    both = make.member(topics={"14": 3, "2": 2})
    make.member(topics={"5": 3})
    (row,) = queries.eligible_members([make.term("topics", "2").id])
    assert row.membership_id == both.id
    assert row.topics == {"14": 3, "2": 2}
    assert queries.eligible_members([]) == []


@pytest.mark.parametrize("number", [1, 3])
def test_choosing_costs_as_many_queries_however_many_members_there_are(
    make, clock, count_queries, number
):
    for _one in range(number):
        make.member(topics={"14": 3, "2": 2}, absences=[(clock().date(), None)])
    queries.counts_by_topic()  # the vocabularies are read once per session
    with count_queries() as statements:
        assert len(queries.eligible_members()) == number
        assert len(queries.absences()) == number
    assert len(statements) == 3


def test_topics_are_counted_with_zeros_and_the_rarest_are_the_gaps(make, clock):
    make.member(topics={"14": 3})
    make.member(topics={"14": 2, "2": 2})
    make.member(topics={"2": 2}, state=M.ENDED, ended_at=core_clock.now())
    counts = queries.counts_by_topic()
    assert (counts["14"], counts["2"], counts["1"]) == (2, 1, 0)
    gaps = queries.gaps(limit=30)
    assert [gap.term.code for gap in gaps[:2]] == ["1", "3"]
    assert [(gap.term.code, gap.members, gap.experts) for gap in gaps[-2:]] == [
        ("2", 1, 0),
        ("14", 2, 1),
    ]
    assert "general" not in {gap.term.code for gap in gaps}


def test_an_applicant_is_read_against_what_the_roster_lacks(make, clock, make_application):
    for _one in range(4):
        make.member(topics={"14": 3}, languages=["en"])
    application = make_application(topics={"14": 3, "2": 2}, languages=["en", "ar"], country="KEN")
    found = {one.code: one for one in queries.contributions(application)}
    assert (found["14"].members, found["14"].fills_gap) == (4, False)
    assert (found["2"].members, found["2"].fills_gap) == (0, True)
    assert (found["ar"].fills_gap, found["en"].fills_gap) == (True, False)
    assert found["africa"].fills_gap


def test_a_region_is_had_by_who_works_there_and_by_who_knows_it(make, make_application):
    kenya, france = make.person(country="KEN"), [make.person(country="FRA") for _ in range(2)]
    make.member(person=kenya, regions=["africa"])  # works there and knows it: one member
    make.member(person=france[0], regions=["africa", "europe"])
    make.member(person=france[1])
    [africa] = [
        one for one in queries.contributions(make_application(country="KEN"))
        if one.vocabulary == "regions"
    ]  # fmt: skip
    assert (africa.code, africa.members) == ("africa", 2)


def walk(page_of):
    """Every id of a list, forwards; and the same read backwards from its last page."""
    forward, page = [], page_of(after=None)
    pages = [page]
    forward += [row.id for row in page.rows]
    while page.after:
        page = page_of(after=int(page.after))
        pages.append(page)
        forward += [row.id for row in page.rows]
    backward = [row.id for row in page.rows]
    while page.before:
        page = page_of(before=int(page.before))
        backward = [row.id for row in page.rows] + backward
    return forward, backward, pages


def test_applications_are_listed_by_due_date_page_by_page(make_application, clock):
    due = [clock() + timedelta(days=day) for day in (9, 3, 3, 12, 3, 1, 30)]
    made = [make_application(due_at=moment) for moment in due]
    make_application(S.WITHDRAWN)
    make_application(S.DRAFT)
    wanted = [one.id for one in sorted(made, key=lambda one: (one.due_at, one.id))]
    forward, backward, pages = walk(lambda **at: applications.page(applications.OPEN, size=3, **at))
    assert forward == backward == wanted
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert pages[0].before == ""


def test_members_are_listed_by_name_page_by_page(db, make, clock):
    for name in ("Bo", "Ada", "Bo", "Cy", "Ada"):
        make.member(person=make.person(name))
    forward, backward, _pages = walk(lambda **at: members.page(MemberFilter(), size=2, **at))
    names = [db.get_one(Person, members.find(number).person_id).name for number in forward]
    assert names == ["Ada", "Ada", "Bo", "Bo", "Cy"]
    assert forward == backward


def test_a_page_behind_a_row_that_is_gone_is_the_first_page(make_application, clock):
    one = make_application()
    assert [row.id for row in applications.page(applications.OPEN, after=999999).rows] == [one.id]


def test_members_are_narrowed_by_topic_kind_state_and_name(make, clock):
    ada = make.member(person=make.person("Ada Lund"), internal=True, topics={"2": 3})
    bo = make.member(person=make.person("Bo 100% Lee"), topics={"14": 2})
    gone = make.member(person=make.person("Cy Ro"), state=M.ENDED, ended_at=clock())

    def found(**wanted):
        return [row.id for row in members.page(MemberFilter(**wanted)).rows]

    assert found() == [ada.id, bo.id, gone.id]
    assert found(topic="2") == [ada.id]
    assert found(internal=False) == [bo.id, gone.id]
    assert found(state=M.ENDED) == [gone.id]
    assert found(name="LUND") == [ada.id]
    assert found(name="100%") == [bo.id]
    assert found(name="%") == [bo.id]
    assert found(topic="14", internal=False, state=M.ACTIVE, name="lee") == [bo.id]


def test_the_desk_counts_by_state_and_what_is_overdue(make_application, clock):
    make_application(due_at=clock() - timedelta(days=1))
    make_application()
    make_application(S.MORE_INFORMATION, due_at=clock() - timedelta(days=1))
    make_application(S.DECLINED)
    make_application(S.DRAFT)
    counts = applications.counts()
    assert (counts.open, counts.overdue) == (3, 1)
    assert counts.by_state[S.DECLINED] == 1
    assert S.DRAFT not in counts.by_state
