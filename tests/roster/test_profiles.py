"""What members add to their profile: introduction, publications, and the consent to be listed."""

from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock as now
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.roster import references
from reviewhub.roster.introductions import Introduction, check_digit, orcid
from reviewhub.roster.operations import introductions as operations
from reviewhub.roster.publications import Publication
from reviewhub.roster.queries import experts
from reviewhub.roster.queries.histories import history
from reviewhub.roster.references import Work
from tests.constraints import refused_by

BIBTEX = """
@article{one, title={{Fair} recruitment in {\\'E}tampes}, author={Doe, Jane and Roe, R.},
  journal={Journal of Movement}, year=2019, doi={https://doi.org/10.1234/AB.5},
  abstract={What was found.}, keywords={labour, recruitment}}
@misc{two, author={Nobody}, year={2020}}
@report{three, title="Borders", institution={An office}, date={2018-05},
  url={javascript:alert(1)}}
@article{four, title={Another title of the first}, doi={10.1234/ab.5}}
"""
RIS = """TY  - JOUR
TI  - Return and reintegration
AU  - Doe, Jane
AU  - Roe, Richard
PY  - 2021
T2  - Review of Returns
DO  - 10.1234/xyz
UR  - https://works.example/xyz
KW  - return
ER  -
"""
NOTHING = Introduction(languages_written=(), sector="", orcid="", statement="")


def _by(person_id: int, *roles: Role) -> Actor:
    return Actor(person_id, frozenset(roles))


def test_an_orcid_is_held_to_its_last_digit() -> None:
    assert check_digit("000000021825009") == "7"
    assert check_digit("000000021694233") == "X"
    usual = "0000-0002-1694-233X"
    for given in (usual, "https://orcid.org/0000-0002-1694-233x", "000000021694233X", f" {usual} "):
        assert orcid(given) == usual
    assert orcid("") == ""
    for wrong in ("0000-0002-1694-2331", "0000-0002", "٠٠٠٠-0002-1694-233X", "x" * 60):
        with pytest.raises(InvalidInput) as refused:
            orcid(wrong)
        assert refused.value.field == "orcid"


@pytest.mark.lasting
def test_bibtex_and_ris_are_read_and_what_is_left_out_is_said() -> None:
    found = references.read(BIBTEX)
    assert found.works == (
        Work(
            "Fair recruitment in Étampes", 2019, ("Doe, Jane", "Roe, R."), "Journal of Movement",
            "10.1234/ab.5", "", "What was found.", ("labour", "recruitment"),
        ),
        Work("Borders", 2018, (), "An office"),
    )  # fmt: skip
    assert len(found.problems) == 2
    assert "Entry 2" in found.problems[0]
    (work,) = references.read(RIS).works
    assert work.authors == ("Doe, Jane", "Roe, Richard")
    assert (work.year, work.venue, work.doi) == (2021, "Review of Returns", "10.1234/xyz")
    assert (work.url, work.keywords) == ("https://works.example/xyz", ("return",))


@pytest.mark.parametrize(
    "text",
    [
        "Doe, J. (2019). A title.", "@article{one, year={2019}",
        "{" * 3000 + "@article{a, title={b}}",
        "@comment{nothing}", "TY  - JOUR\nTI  - It has no end", "x" * 200_001,
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        references.read(text)
    assert str(refused.value).endswith(".")


def test_a_long_list_is_cut_and_says_so() -> None:
    many = "\n".join(f"@misc{{k{n}, title={{Title number {n}}}}}" for n in range(130))
    found = references.read(many)
    assert len(found.works) == references.MOST_AT_ONCE
    assert "more than 100" in found.problems[-1]


def test_publications_are_added_once_counted_and_taken_away_by_their_owner(
    db: Any, clock: Any, make: Any
) -> None:
    member, other = make.member(), make.member()
    by = _by(member.person_id)
    works = references.read(BIBTEX).works
    assert operations.add_publications(member, works, by=by) == 2
    assert operations.add_publications(member, works, by=by) == 0
    with pytest.raises(NotAllowed):
        operations.add_publications(member, works, by=_by(other.person_id))
    many = [Work(f"Title number {n}") for n in range(199)]
    with pytest.raises(WrongState, match="at most 200"):
        operations.add_publications(member, many, by=by)
    kept = experts.publications_of(member.id)
    assert [one.year for one in kept] == [2019, 2018]
    with pytest.raises(NotFound):
        operations.remove_publication(other, kept[0].id, by=_by(other.person_id))
    operations.remove_publication(member, kept[0].id, by=by)
    assert [one.title for one in experts.publications_of(member.id)] == ["Borders"]

    given = {"membership_id": member.id, "authors": [], "keywords": []}
    with refused_by(db, "ck_roster_publications_title_given"):
        db.add(Publication(key="a", title="ab", **given))
    with refused_by(db, "ck_roster_publications_year_sensible"):
        db.add(Publication(key="a", title="abc", year=99, **given))
    with refused_by(db, "uq_roster_publications_once"):
        db.add(Publication(key=works[1].key, title="abc", **given))


def test_only_the_member_agrees_to_be_listed(db: Any, clock: Any, make: Any) -> None:
    member = make.member()
    manager = make.staff(Role.ROSTER_MANAGER)
    listed = Introduction(
        languages_written=("fr",), sector="academia", orcid="0000-0002-1825-0097",
        statement="x" * 60, list_publicly=True,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        operations.introduce(member, listed, by=_by(manager.id, Role.ROSTER_MANAGER))
    operations.introduce(member, listed, by=_by(member.person_id))
    assert (member.sector, member.list_publicly) == ("academia", True)
    operations.introduce(member, NOTHING, by=_by(manager.id, Role.ROSTER_MANAGER))
    assert (member.sector, member.list_publicly) == ("", True), "a manager leaves the consent alone"
    db.flush()
    verbs = [line.verb for line in history(member)]
    assert verbs.count("agree_to_listing") == 1
    for field, wrong in {
        "sector": "circus",
        "languages_written": ("qq",),
        "statement": "short",
    }.items():
        with pytest.raises(InvalidInput) as refused:
            operations.introduce(
                member, Introduction(**{**vars(NOTHING), field: wrong}), by=_by(member.person_id)
            )
        assert refused.value.field == field


def test_the_list_shows_who_agreed_and_nobody_else_and_is_searched(
    db: Any, clock: Any, make: Any, client: Any
) -> None:
    first = make.member(
        person=make.person("Ana Listed"), list_publicly=True, languages=["en"], topics={"5": 3},
        languages_written=["ar"], regions=["africa"], statement="Twenty years of it.", capacity=7,
        competing_interests="A secret interest", orcid="0000-0002-1825-0097",
    )  # fmt: skip
    make.member(person=make.person("Ben Silent"))
    ended = make.member(person=make.person("Cem Ended"), list_publicly=True)
    ended.state, ended.ended_at = "ended", now.now()
    gone = make.member(person=make.person("Dan Suspended"), list_publicly=True)
    db.get_one(Person, gone.person_id).suspended_at = now.now()
    away = make.member(person=make.person("Eva Away"), list_publicly=True)
    away.state = "paused"
    db.flush()

    page = client.get("/experts")
    assert page.status_code == 200
    for shown in ("Ana Listed", "Eva Away", "Twenty years of it.", "0000-0002-1825-0097"):
        assert shown in page.text
    email = db.get_one(Person, first.person_id).email
    for hidden in (
        "Ben Silent",
        "Cem Ended",
        "Dan Suspended",
        "A secret interest",
        email,
        "paused",
    ):
        assert hidden not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, noarchive"
    assert page.headers["Cache-Control"] == "no-store"

    for query, found in {
        "topic=5": {"Ana"}, "topic=14": {"Eva"},
        "language=ar": {"Ana"}, "language=en": {"Ana", "Eva"},
        "region=africa": {"Ana"}, "region=europe": set(), "topic=nonsense": {"Ana", "Eva"},
        "topic=5&language=ar&region=africa": {"Ana"},
    }.items():  # fmt: skip
        text = client.get(f"/experts?{query}").text
        assert {name for name in ("Ana", "Eva") if f"{name} " in text} == found, query

    operations.introduce(first, NOTHING, by=_by(first.person_id))
    assert "Ana Listed" in client.get("/experts").text
    withdrawn = Introduction(**{**vars(NOTHING), "list_publicly": False})
    operations.introduce(first, withdrawn, by=_by(first.person_id))
    db.commit()
    assert "Ana Listed" not in client.get("/experts").text, "at once, whatever was kept before"


def test_the_list_goes_on_behind_people_of_one_name_and_tells_no_number_of_ours(
    db: Any, clock: Any, make: Any
) -> None:
    for name in ("Ana", "Bo", "Bo", "Bo", "Cy"):
        make.member()  # somebody who is not listed, between them
        make.member(person=make.person(name), list_publicly=True)
    seen, place = [], None
    for _page in range(9):
        found = experts.listed(experts.ExpertFilter(), place=place, size=2)
        seen += [one.name for one in found.experts]
        place = found.following
        if place is None:
            break
    assert seen == ["Ana", "Bo", "Bo", "Bo", "Cy"]
    assert place is None


def test_a_hub_may_have_no_list(
    db: Any, clock: Any, make: Any, client: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(experts, "is_open", lambda: False)
    assert client.get("/experts").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_list(
    db: Any, clock: Any, make: Any, client: Any, count_queries: Any
) -> None:
    def one_more() -> None:
        member = make.member(list_publicly=True)
        operations.add_publications(member, references.read(BIBTEX).works, by=_by(member.person_id))
        db.commit()

    one_more()
    client.get("/experts")
    with count_queries() as few:
        client.get("/experts")
    one_more()
    one_more()
    with count_queries() as many:
        assert client.get("/experts").text.count("Borders") == 3
    assert len(many) == len(few)


@pytest.mark.lasting
def test_a_pasted_list_is_shown_first_and_kept_when_it_is_sent_again(
    db: Any, clock: Any, make: Any, sign_in: Any
) -> None:
    member = make.member()
    browser = sign_in(db.get_one(Person, member.person_id))
    address = f"/roster/members/{member.id}/publications"
    upload = {"file": (BytesIO(BIBTEX.encode()), "works.bib")}
    page = browser.post(address, data=upload)
    assert "Fair recruitment in Étampes" in page.text
    assert "Entry 2 has no title" in page.text
    assert db.scalar(sa.select(sa.func.count()).select_from(Publication)) == 0
    done = browser.post(address, data={"text": BIBTEX, "add": "1"}, follow_redirects=True)
    assert "2 publications were added." in done.text
    assert db.scalar(sa.select(sa.func.count()).select_from(Publication)) == 2
    assert "neither BibTeX nor RIS" in browser.post(address, data={"text": "Hello there"}).text
    assert "Paste a list, or choose a file." in browser.post(address, data={}).text
