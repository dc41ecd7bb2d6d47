"""Makes people and things for tests, each with sensible values and a number of its own."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.models import Organisation, Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.roster.models import Absence, Membership, MembershipTopic
from reviewhub.submissions.models import (
    Licence,
    Progress,
    Relation,
    Scope,
    Submission,
    SubmissionTerm,
    Upload,
)
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue

# A PHC-format string that no password verifies against: signing in is not what these tests do.
UNUSABLE = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43


class Factory:
    """Everything it makes is flushed and has an id."""

    def __init__(self, session: scoped_session[Session]) -> None:
        self.session = session
        self.numbers = count(1)

    def term(self, vocabulary: str, code: str) -> TermView:
        """A term of the loaded hub."""
        found = catalogue().find(vocabulary, code)
        assert found is not None, (vocabulary, code)
        return found

    def organisation(self, name: str = "", *, internal: bool = False) -> Organisation:
        """An organisation of its own."""
        name = name or f"Organisation {next(self.numbers)}"
        return self._add(Organisation(name=name, folded=name.casefold(), internal=internal))

    def person(self, name: str = "", **values: Any) -> Person:
        """Somebody with a confirmed address, an organisation and an account."""
        number = next(self.numbers)
        if "organisation" not in values and "organisation_id" not in values:
            values["organisation_id"] = self.organisation().id
        values.setdefault("email", f"person{number}@host{number}.example")
        values.setdefault("confirmed_at", clock.now())
        values.setdefault("password_hash", UNUSABLE)
        return self._add(Person(name=name or f"Person {number}", **values))

    def staff(self, *roles: Role, name: str = "", **values: Any) -> Person:
        """Somebody with standing roles."""
        person = self.person(name, **values)
        person.grants = [StandingRole(role=role) for role in roles]
        self.session.flush()
        return person

    def editor(self, name: str = "", **values: Any) -> Person:
        """An editor."""
        return self.staff(Role.EDITOR, name=name, **values)

    def upload(self, submission: Submission, **values: Any) -> Upload:
        """A file on its way to a submission, nothing of which has arrived."""
        number = next(self.numbers)
        values.setdefault("name", "report.pdf")
        values.setdefault("size", 1000)
        values.setdefault("path", f"partial/made-{number}")
        values.setdefault("fingerprint", f"made-{number:08d}")
        return self._add(Upload(submission_id=submission.id, **values))  # type: ignore[no-any-return]  # any row

    def submission(self, *, state: State = State.SUBMITTED, **values: Any) -> Submission:
        """A complete suggestion, filed under topic 14 unless told otherwise."""
        number = next(self.numbers)
        topics = values.pop("topics", ["14"])
        progress = values.pop("progress", None) or Progress()
        sent = state != State.DRAFT
        values.setdefault("submitter_id", self.person().id)
        values.setdefault("submitted_at", clock.now() if sent else None)
        if state in {State.REVIEWED, State.APPROVED, State.PUBLISHED}:
            values.setdefault("reviewed_at", clock.now())
        values.setdefault("title", f"Handbook of consular practice {number}")
        values.setdefault("url", f"https://library.example/{number}")
        values.setdefault("url_key", f"library.example/{number}")
        values.setdefault("section_id", self.term("sections", "documents").id)
        values.setdefault("document_type_id", self.term("document_types", "report").id)
        submission = Submission(
            state=state,
            ref=f"RH-2026-{900_000 + number}",  # apart from what ids give
            round=1 if sent else 0,
            **{
                "description": "What consular posts can do for nationals abroad, step by step.",
                "why_useful": "It is the only handbook that covers posts with a single officer.",
                "language": "en",
                "publisher": "Example Press",
                "published_on": "2024-05-01",
                "scope": Scope.GLOBAL,
                "licence": Licence.LINK_ONLY,
                "relation": Relation.NONE,
                "consented_at": clock.now(),
                **values,
            },
        )
        submission.progress = progress
        submission.filing = [
            SubmissionTerm(
                term_id=self.term("topics", code).id, position=position, is_primary=position == 0
            )
            for position, code in enumerate(topics)
        ]
        submission.filing.append(
            SubmissionTerm(term_id=self.term("languages", "en").id, position=len(topics))
        )
        return self._add(submission)

    def member(
        self,
        *,
        internal: bool = False,
        topics: dict[str, int] | None = None,
        person: Person | None = None,
        absences: Iterable[tuple[date, date | None]] = (),
        **values: Any,
    ) -> Membership:
        """A roster member who can review topic 14 as an expert and reads English."""
        person = person or self.person(organisation=self.organisation(internal=internal))
        values.setdefault("languages", ["en"])
        values.setdefault("term_ends_on", (clock.now() + timedelta(days=730)).date())
        membership = Membership(
            person_id=person.id,
            internal=internal,
            **values,
        )
        membership.absences = [Absence(first_day=one, last_day=end) for one, end in absences]
        membership.topics = [
            MembershipTopic(term_id=self.term("topics", code).id, level=level)
            for code, level in (topics or {"14": 3}).items()
        ]
        return self._add(membership)

    def _add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row
