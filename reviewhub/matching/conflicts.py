"""The hard rules: who may not review an item, and by which rule. Codes and values, no sentences.

exclusions(item, candidate, rule, today)   # () when the person may be asked
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from reviewhub.matching.people import Candidate, Item, domain_of
from reviewhub.matching.rules import PanelRule


class ExclusionCode(StrEnum):
    """Every rule that can rule a person out; beside each, what its detail holds."""

    SAME_PERSON = "same_person"  # the person's id
    CONTACT = "contact"  # the Relation
    SAME_ORGANISATION = "same_organisation"  # the organisation's id
    SAME_DOMAIN = "same_domain"  # the mail domain
    SAME_GOVERNMENT = "same_government"  # the country
    DECLARED_PERSON = "declared_person"  # the other person's id
    DECLARED_ORGANISATION = "declared_organisation"  # the organisation's id
    DECLARED_COUNTRY = "declared_country"  # the country
    KEPT_OFF = "kept_off"  # nothing
    REFUSED_BEFORE = "refused_before"  # nothing
    PAUSED = "paused"  # nothing
    AT_CAP = "at_cap"  # the capacity in the half-year
    OPEN_ITEMS = "open_items"  # the limit
    RESTING = "resting"  # the first day on which they may be asked again
    SEATED = "seated"  # the slot they hold
    ORGANISATION_SEATED = "organisation_seated"  # the id of the seated person from there


DECLARED = frozenset(
    {
        ExclusionCode.DECLARED_PERSON,
        ExclusionCode.DECLARED_ORGANISATION,
        ExclusionCode.DECLARED_COUNTRY,
    }
)

DERIVED = frozenset(
    {
        ExclusionCode.SAME_PERSON,
        ExclusionCode.CONTACT,
        ExclusionCode.SAME_ORGANISATION,
        ExclusionCode.SAME_DOMAIN,
        ExclusionCode.SAME_GOVERNMENT,
    }
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One rule that rules a person out, and the value that it was read from."""

    code: ExclusionCode
    detail: str | int | date | None = None

    @property
    def conflict(self) -> bool:
        """Whether this is a conflict of interest, rather than a matter of time or of the panel."""
        return self.code in DERIVED or self.code in DECLARED

    @property
    def declared(self) -> bool:
        """Whether somebody declared the conflict; a derived one may be overruled with a reason."""
        return self.code in DECLARED


def exclusions(
    item: Item, candidate: Candidate, rule: PanelRule, today: date
) -> tuple[Exclusion, ...]:
    """Every hard rule that keeps the candidate from the item: conflicts first, then workload."""
    return Screen(item, rule, today).exclusions(candidate)


class Screen:
    """The hard rules of one item on one day, made ready to be asked about many candidates."""

    def __init__(self, item: Item, rule: PanelRule, today: date) -> None:
        self._item = item
        self._open_items_cap = rule.open_items_cap
        self._rest = timedelta(days=rule.rest_days)
        self._today = today
        named = [contact for contact in item.contacts if contact.email]
        self._contact_emails = {contact.email: contact.relation for contact in named}
        self._contact_ids = {
            contact.person_id: contact.relation
            for contact in item.contacts
            if contact.person_id is not None
        }
        self._organisations = _organisations(item)
        self._domains = _domains(item) - {domain.lower() for domain in rule.shared_domains}
        self._people = {item.submitter_id, *self._contact_ids} - {None}
        self._countries = item.countries | ({item.state_country} - {None})

    def exclusions(self, candidate: Candidate) -> tuple[Exclusion, ...]:
        """Every rule that keeps the candidate from the item, in the order of ExclusionCode."""
        return (*self._derived(candidate), *self._declared(candidate), *self._workload(candidate))

    def _derived(self, candidate: Candidate) -> Iterator[Exclusion]:
        item = self._item
        if candidate.id == item.submitter_id or (
            candidate.email and candidate.email == item.submitter_email
        ):
            yield Exclusion(ExclusionCode.SAME_PERSON, candidate.id)
        relation = self._contact_ids.get(candidate.id) or self._contact_emails.get(candidate.email)
        if relation is not None:
            yield Exclusion(ExclusionCode.CONTACT, relation)
        if candidate.organisation_id in self._organisations:
            yield Exclusion(ExclusionCode.SAME_ORGANISATION, candidate.organisation_id)
        if candidate.email_domain in self._domains:
            yield Exclusion(ExclusionCode.SAME_DOMAIN, candidate.email_domain)
        if candidate.government is not None and candidate.government == item.state_country:
            yield Exclusion(ExclusionCode.SAME_GOVERNMENT, candidate.government)

    def _declared(self, candidate: Candidate) -> Iterator[Exclusion]:
        if candidate.declared_people:
            for person in sorted(candidate.declared_people & self._people):
                yield Exclusion(ExclusionCode.DECLARED_PERSON, person)
        if candidate.declared_organisations:
            for organisation in sorted(candidate.declared_organisations & self._organisations):
                yield Exclusion(ExclusionCode.DECLARED_ORGANISATION, organisation)
        if candidate.declared_countries:
            for country in sorted(candidate.declared_countries & self._countries):
                yield Exclusion(ExclusionCode.DECLARED_COUNTRY, country)

    def _workload(self, candidate: Candidate) -> Iterator[Exclusion]:
        if candidate.kept_off:
            yield Exclusion(ExclusionCode.KEPT_OFF)
        if candidate.refused_before:
            yield Exclusion(ExclusionCode.REFUSED_BEFORE)
        if candidate.paused:
            yield Exclusion(ExclusionCode.PAUSED)
        if candidate.load >= candidate.capacity:
            yield Exclusion(ExclusionCode.AT_CAP, candidate.capacity)
        if self._open_items_cap is not None and candidate.open_items >= self._open_items_cap:
            yield Exclusion(ExclusionCode.OPEN_ITEMS, self._open_items_cap)
        if candidate.last_finished is not None:
            rested = candidate.last_finished + self._rest
            if self._today < rested:
                yield Exclusion(ExclusionCode.RESTING, rested)


def _organisations(item: Item) -> frozenset[int]:
    behind = {item.submitter_organisation_id, *(c.organisation_id for c in item.contacts)}
    return frozenset(organisation for organisation in behind if organisation is not None)


def _domains(item: Item) -> frozenset[str]:
    addresses = (item.submitter_email, *(contact.email for contact in item.contacts))
    return frozenset(domain_of(address) for address in addresses) - {""}
