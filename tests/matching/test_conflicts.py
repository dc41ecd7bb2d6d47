"""Every hard rule, once where it rules a person out and once where it does not."""

from datetime import date
from typing import Any

import pytest

from reviewhub.matching.conflicts import Exclusion, ExclusionCode, exclusions
from reviewhub.matching.people import Contact, Relation

from .makers import TODAY, candidate, item, rule

AUTHOR = Contact(relation=Relation.AUTHOR, person_id=7, email="a@author.example")
FUNDER = Contact(relation=Relation.FUNDER, organisation_id=55, email="desk@fund.example")
RULE = rule(open_items_cap=2, rest_days=10, shared_domains=frozenset({"Mail.example"}))

RULED_OUT = [
    ({"id": 900}, {}, ExclusionCode.SAME_PERSON, 900),
    ({"email": "Sender@Sender.Example "}, {}, ExclusionCode.SAME_PERSON, 1),
    ({"id": 7}, {"contacts": (AUTHOR,)}, ExclusionCode.CONTACT, "author"),
    ({"email": "A@author.example"}, {"contacts": (AUTHOR,)}, ExclusionCode.CONTACT, "author"),
    ({"organisation_id": 90}, {}, ExclusionCode.SAME_ORGANISATION, 90),
    ({"organisation_id": 55}, {"contacts": (FUNDER,)}, ExclusionCode.SAME_ORGANISATION, 55),
    ({"email": "b@sender.example"}, {}, ExclusionCode.SAME_DOMAIN, "sender.example"),
    (
        {"email": "b@fund.example"},
        {"contacts": (FUNDER,)},
        ExclusionCode.SAME_DOMAIN,
        "fund.example",
    ),
    ({"government": "TO"}, {"state_country": "TO"}, ExclusionCode.SAME_GOVERNMENT, "TO"),
    ({"declared_people": frozenset({900})}, {}, ExclusionCode.DECLARED_PERSON, 900),
    (
        {"declared_people": frozenset({7})},
        {"contacts": (AUTHOR,)},
        ExclusionCode.DECLARED_PERSON,
        7,
    ),
    ({"declared_organisations": frozenset({90})}, {}, ExclusionCode.DECLARED_ORGANISATION, 90),
    (
        {"declared_countries": frozenset({"TO"})},
        {"countries": frozenset({"TO"})},
        ExclusionCode.DECLARED_COUNTRY,
        "TO",
    ),
    (
        {"declared_countries": frozenset({"TO"})},
        {"state_country": "TO"},
        ExclusionCode.DECLARED_COUNTRY,
        "TO",
    ),
    ({"kept_off": True}, {}, ExclusionCode.KEPT_OFF, None),
    ({"refused_before": True}, {}, ExclusionCode.REFUSED_BEFORE, None),
    ({"paused": True}, {}, ExclusionCode.PAUSED, None),
    ({"capacity": 2, "load": 2}, {}, ExclusionCode.AT_CAP, 2),
    ({"capacity": 0}, {}, ExclusionCode.AT_CAP, 0),
    ({"open_items": 2}, {}, ExclusionCode.OPEN_ITEMS, 2),
    ({"last_finished": date(2026, 6, 22)}, {}, ExclusionCode.RESTING, date(2026, 7, 2)),
]

LET_THROUGH = [
    ({"id": 8}, {"contacts": (AUTHOR,)}),
    ({"email": ""}, {"submitter_email": ""}),
    ({"email": "b@author.example.org"}, {"contacts": (AUTHOR,)}),
    ({"organisation_id": None}, {"submitter_organisation_id": None}),
    ({"organisation_id": 91}, {"contacts": (FUNDER,)}),
    ({"email": "b@mail.example"}, {"submitter_email": "c@mail.example"}),
    ({"government": "TO"}, {"state_country": "FJ"}),
    ({"government": None, "country": "TO"}, {"state_country": "TO"}),
    ({"declared_people": frozenset({901})}, {}),
    ({"declared_organisations": frozenset({91})}, {"contacts": (FUNDER,)}),
    ({"declared_countries": frozenset({"TO"})}, {"countries": frozenset({"FJ"})}),
    ({"refused_before": False, "paused": False}, {}),
    ({"capacity": 2, "load": 1}, {}),
    ({"open_items": 1}, {}),
    ({"last_finished": date(2026, 6, 21)}, {}),
]


@pytest.mark.parametrize(("person", "submitted", "code", "detail"), RULED_OUT)
def test_a_hard_rule_rules_a_person_out(
    person: dict[str, Any], submitted: dict[str, Any], code: ExclusionCode, detail: object
) -> None:
    found = exclusions(item(**submitted), candidate(**({"id": 1} | person)), RULE, TODAY)
    assert Exclusion(code, detail) in found  # type: ignore[arg-type]


@pytest.mark.parametrize(("person", "submitted"), LET_THROUGH)
def test_what_only_looks_like_a_hard_rule_lets_a_person_through(
    person: dict[str, Any], submitted: dict[str, Any]
) -> None:
    assert exclusions(item(**submitted), candidate(**({"id": 1} | person)), RULE, TODAY) == ()


def test_every_code_of_a_hard_rule_is_tried_here() -> None:
    of_the_panel = {ExclusionCode.SEATED, ExclusionCode.ORGANISATION_SEATED}
    assert {code for _, _, code, _ in RULED_OUT} == set(ExclusionCode) - of_the_panel


def test_a_person_ruled_out_twice_hears_both_conflicts_first() -> None:
    person = candidate(1, organisation_id=90, paused=True)
    codes = [found.code for found in exclusions(item(), person, RULE, TODAY)]
    assert codes == [ExclusionCode.SAME_ORGANISATION, ExclusionCode.PAUSED]


@pytest.mark.parametrize("code", ExclusionCode)
def test_conflicts_are_told_from_workload_and_declared_ones_from_derived_ones(
    code: ExclusionCode,
) -> None:
    found = Exclusion(code)
    workload = {"refused_before", "paused", "at_cap", "open_items", "resting"}
    panel = {"seated", "organisation_seated", "kept_off"}
    assert found.conflict == (code not in workload | panel)
    assert found.declared == code.startswith("declared_")


def test_without_an_open_items_limit_nobody_meets_it() -> None:
    assert exclusions(item(), candidate(1, open_items=50), rule(), TODAY) == ()
