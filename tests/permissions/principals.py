"""Everybody who can stand in front of ReviewHub, in one scene around one submission.

Each principal is a browser: signed in, with the key of a mailed link, or with neither. The scene is
made for one state of the submission, with the rows and dates that this state demands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from reviewhub.accounts import links, sessions
from reviewhub.accounts.actor import SYSTEM, Actor, Capability
from reviewhub.accounts.models import DeclaredConflict, Identity, Person
from reviewhub.accounts.roles import Role
from reviewhub.admin.models import SavedList
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.workflow import Move
from reviewhub.jobs.operations import start as start_job
from reviewhub.library import operations as library
from reviewhub.library.practice import PracticeReview
from reviewhub.reviews import receipts
from reviewhub.reviews.batches import KIND, Batch, BatchStage
from reviewhub.reviews.models import Assignment, Recommendation, Review, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.questions import ReviewerQuestion
from reviewhub.reviews.receipts import Receipt
from reviewhub.reviews.signing import SignOff, SignOffOutcome
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.roster.assessments import Assessment, Vote
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import applications
from reviewhub.roster.publications import Publication
from reviewhub.roster.workflow import ApplicationState
from reviewhub.submissions.attachments import attach
from reviewhub.submissions.letters import Letter
from reviewhub.submissions.messages import Question
from reviewhub.submissions.models import Decision, DecisionKind, Licence, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.factories import Factory

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

REVIEWERS = {
    "invited": AssignmentState.INVITED,
    "accepted": AssignmentState.ACCEPTED,
    "sent": AssignmentState.SUBMITTED,
    "declined": AssignmentState.DECLINED,
    "recused": AssignmentState.RECUSED,
}
STAFF = {
    "handling_editor": Role.EDITOR,
    "other_editor": Role.EDITOR,
    "submitting_editor": Role.EDITOR,
    "reviewing_editor": Role.EDITOR,
    "conflicted_editor": Role.EDITOR,
    "roster_manager": Role.ROSTER_MANAGER,
    "admin": Role.ADMIN,
    "auditor": Role.AUDITOR,
}
OTHERS = ("registered", "half_way", "applicant", "idle_member", "suspended")
PRINCIPALS = (
    "anonymous", *OTHERS, "submitter", "submitter_by_link", "applicant_by_link",
    "idle_member_by_link", "other_link",
    *(name + how for name in REVIEWERS for how in ("", "_by_link")), *STAFF,
)  # fmt: skip
DECIDED = {
    State.APPROVED: DecisionKind.APPROVED,
    State.PUBLISHED: DecisionKind.APPROVED,
    State.REJECTED: DecisionKind.REJECTED,
}
# What the test of hidden fields replaces by tokens.
Words = Callable[[str], str]


def plain(kind: str) -> str:
    """The text of a hidden field, where nobody looks for it."""
    return f"words{''.join(part for part in kind.casefold() if part.isalnum())}"


@dataclass
class Item:
    """One submission with its panel, and the page addresses that are about it."""

    submission: Submission
    seats: dict[str, Assignment] = field(default_factory=dict)
    file_id: int = 0
    upload_id: int = 0
    question_id: int = 0
    slug: str = ""


class House:
    """The scene: `person[name]`, `item`, the editor's own `twin`, and a browser per principal."""

    def __init__(
        self, make: Factory, state: State, words: Words = plain, *, anonymity: str = "single"
    ) -> None:
        self.make, self.words, self.state, self.anonymity = make, words, state, anonymity
        self.person: dict[str, Person] = {}
        self._people()
        self.policy_id = adopt_policy({**catalogue().policy, "anonymity": anonymity}).id
        self.application = self._apply(
            "applicant", "RA-2026-900001", name=words("name in the application"),
            organisation_name=words("organisation in the application"),
            statement=words("statement of the applicant"),
            competing_interests=words("interests of the applicant"),
            cv=applications.keep_cv("cv.pdf", PDF),
        )  # fmt: skip
        self.membership = self._member()
        self.absence_id = self.membership.absences[0].id
        self.invitation = self._invitation()
        self.item = self._item(self.person["submitter"], "")
        self.twin = self._item(self.person["submitting_editor"], " of the twin")
        self.other = make.submission(state=State.SUBMITTED)
        self._thanked()
        conflict = DeclaredConflict(
            person_id=self.person["conflicted_editor"].id,
            other_person_id=self.person["submitter"].id,
            reason=words("reason of the conflict"),
        )
        make._add(conflict)
        self._belongings()
        self.close_application = self._close_application()
        self.torn_application = self._assessments()
        self.appealed = self._appealed()

    def item_of(self, principal: str) -> Item:
        """What this principal looks at: the editor who suggests looks at their own."""
        return self.twin if principal == "submitting_editor" else self.item

    def seat_of(self, principal: str) -> Assignment:
        """Their own seat, or, for who has none, that of the reviewer who accepted."""
        name = principal.removesuffix("_by_link")
        name = "reviewing_editor" if principal == "reviewing_editor" else name
        seats = self.item_of(principal).seats
        return seats.get(name, seats["accepted"])

    def browser(
        self, principal: str, client: Callable[[], FlaskClient], sign_in: Callable[..., FlaskClient]
    ) -> tuple[FlaskClient, dict[str, str]]:
        """A browser, and what it adds to every address."""
        key = self._key(principal)
        if principal == "half_way":
            return self._half_way(client()), {}
        if principal == "anonymous" or key:
            return client(), {"key": key} if key else {}
        return sign_in(self.person[principal]), {}

    def actor(self, principal: str) -> Actor:
        """Who a policy is asked about."""
        key = self._key(principal)
        if key or principal in {"anonymous", "half_way", "suspended"}:
            return Actor(grant=links.resolve(key) if key else None)
        person = self.person[principal]
        return Actor(person.id, person.roles)

    def _key(self, principal: str) -> str:
        name = principal.removesuffix("_by_link")
        if principal == "other_link":
            about, capability, who = self.other.id, Capability.SUBMISSION, self.other.submitter_id
        elif name == principal:
            return ""
        elif name == "submitter":
            about, capability = self.item.submission.id, Capability.SUBMISSION
            who = self.person[name].id
        elif name == "applicant":
            about, capability = self.application.id, Capability.APPLICATION
            who = self.person[name].id
        elif name == "idle_member":
            about, capability = self.membership.application_id, Capability.APPLICATION
            who = self.person[name].id
        else:
            about, capability = self.item.seats[name].id, Capability.ASSIGNMENT
            who = self.person[name].id
        return links.token(links.ensure(capability, about, person_id=who))

    def _people(self) -> None:
        for name in (*OTHERS, "submitter", "reserve", *REVIEWERS):
            self._known(name)
        for name, role in STAFF.items():
            home = self.make.organisation(self.words(f"organisation of {name}"))
            self.person[name] = self.make.staff(
                role, name=self.words(f"name of {name}"), email=self._address(name),
                organisation_id=home.id, country="KEN",
            )  # fmt: skip
        self.person["suspended"].suspended_at = clock.now()
        self.make.session.flush()

    def _known(self, name: str) -> None:
        home = self.make.organisation(self.words(f"organisation of {name}"))
        self.person[name] = self.make.person(
            self.words(f"name of {name}"), email=self._address(name), organisation_id=home.id,
            country="KEN",
        )  # fmt: skip

    def _address(self, name: str) -> str:
        return f"{self.words(f'email of {name}')}@mail.example"

    def _half_way(self, browser: FlaskClient) -> FlaskClient:
        """Signed in, but for the code of the second factor."""
        person = self.person["half_way"]
        token = sessions.begin(person, user_agent="A browser of the tests", totp_passed=False)
        browser.set_cookie(browser.application.config["SIGN_IN_COOKIE"], token)
        return browser

    def _apply(self, who: str, ref: str, **values: Any) -> Application:
        now = clock.now()
        given = {
            "state": ApplicationState.SUBMITTED, "internal": False, "country": "KEN",
            "languages": ["en"], "topics": {"14": 3}, "years_experience": 8, "consented_at": now,
            "submitted_at": now, "due_at": now + timedelta(days=30),
        }  # fmt: skip
        return self.make._add(  # type: ignore[no-any-return]  # any row
            Application(ref=ref, person_id=self.person[who].id, **{**given, **values})
        )

    def _member(self) -> Membership:
        """Somebody of the roster, who came there by an application."""
        words, said = self.words, {
            "statement": self.words("statement of the member"),
            "competing_interests": self.words("interests of the member"),
        }  # fmt: skip
        application = self._apply(
            "idle_member", "RA-2026-900002", state=ApplicationState.APPROVED, due_at=None,
            decided_at=clock.now(), decided_by_id=self.person["roster_manager"].id,
            name=words("name of idle_member"), **said,
            organisation_name=words("organisation of idle_member"),
            question=words("question of the member"), answer=words("answer of the member"),
            decision_text=words("decision of the member"),
        )  # fmt: skip
        return self.make.member(
            person=self.person["idle_member"],
            application_id=application.id,
            absences=[(clock.today() + timedelta(days=300), None)],
            **said,
        )

    def _thanked(self) -> None:
        """Somebody who agreed to be listed, and who gave everybody the address of a receipt."""
        words = self.words
        self._known("listed")
        person, now = self.person["listed"], clock.now()
        membership = self.make.member(
            person=person, list_publicly=True, statement=words("statement of the listed"),
            competing_interests=words("interests of the listed"), capacity=1,
        )  # fmt: skip
        url = f"https://works.example/{words('link of the listed')}"
        doi = f"10.1234/{words('doi of the member')}"
        for whose, member, where in (
            ("listed", membership, {"url": url}), ("member", self.membership, {"doi": doi}),
        ):  # fmt: skip
            work = Publication(
                membership_id=member.id, key=whose, title=words(f"work of the {whose}"), **where,
                authors=[words(f"authors of the {whose}")], venue=words(f"venue of the {whose}"),
                abstract=words(f"abstract of the {whose}"),
                keywords=[words(f"keywords of the {whose}")],
            )  # fmt: skip
            self.publication_id = self.make._add(work).id  # at last that of the idle member
        item = self.make.submission(
            state=State.REJECTED, reviewed_at=now, submitter_id=self.other.submitter_id
        )
        current = self.make._add(
            ReviewRound(submission_id=item.id, number=1, policy_id=self.policy_id, closed_at=now)
        )
        seat = Assignment(
            round_id=current.id, submission_id=item.id, person_id=person.id, slot=Slot.EXTERNAL,
            internal=False, state=AssignmentState.SUBMITTED, invited_at=now,
            conflict_denied_at=now, due_at=now, submitted_at=now,
        )  # fmt: skip
        self.make._add(seat)
        self.make._add(
            Review(
                assignment_id=seat.id, recommendation=Recommendation.INCLUDE, submitted_at=now,
            )
        )  # fmt: skip
        receipt = Receipt(person_id=person.id, assignment_id=seat.id, completed_on=now.date())
        self.receipt_id = self.make._add(receipt).id
        self.receipt_code = receipts.code(receipt)

    def _belongings(self) -> None:
        """What is somebody's own: a list that an editor keeps, and who they are elsewhere."""
        owner, shown = self.person["handling_editor"].id, self.words("list of handling_editor")
        kept = SavedList(person_id=owner, name=shown, query="whose=all")
        self.list_id = self.make._add(kept).id
        job = start_job(KIND, total=1, by_id=owner)
        planned = Batch(
            stage=BatchStage.PLANNED, planned_at=clock.now(), job_id=job.id, started_by_id=owner,
            submission_ids=[self.item.submission.id], tuning={"mode": "total"},
            plan={"digest": "as it was looked at", "outlooks": []},
        )  # fmt: skip
        self.batch_id = self.make._add(planned).id
        self.make._add(
            Identity(
                person_id=self.person["registered"].id, issuer="https://provider.example",
                subject=self.words("subject"), shown=self.words("identity of registered"),
            )
        )  # fmt: skip
        self._practice()

    def _invitation(self) -> Invitation:
        """To the roster, of somebody whom a list names."""
        answers = {
            "name": self.words("name in the invitation"), "internal": False, "country": "KEN",
            "organisation_name": self.words("organisation in the invitation"), "capacity": 2,
            "languages": ["en"], "topics": {"14": 3}, "years_experience": 8, "government": "",
            "statement": self.words("statement in the invitation"), "competing_interests": "",
        }  # fmt: skip
        now = clock.now()
        return self.make._add(  # type: ignore[no-any-return]  # any row
            Invitation(
                person_id=self.person["registered"].id, answers=answers, invited_at=now,
                invited_by_id=self.person["roster_manager"].id, lapses_at=now + timedelta(days=30),
            )
        )  # fmt: skip

    def _practice(self) -> None:
        """The member's review for practice, begun and not sent."""
        judged = self.make.submission(state=State.APPROVED)
        self.make._add(
            Decision(
                submission_id=judged.id, kind=DecisionKind.APPROVED, text="",
                decided_by_id=self.person["handling_editor"].id,
            )
        )  # fmt: skip
        library.publish(judged, by=SYSTEM)
        said = {"comment_to_submitter": self.words("words for practice")}
        self.make._add(
            PracticeReview(
                person_id=self.membership.person_id, submission_id=judged.id, answers=said
            )
        )

    def _assessments(self) -> Application:
        """What another manager says of the application, and one on which the two disagree."""
        other = self.make.staff(Role.ROSTER_MANAGER)
        self.person["torn"] = self.make.person()
        torn = self._apply(
            "torn", "RA-2026-900004", name="Somebody", organisation_name="Elsewhere",
            statement="A statement.", competing_interests="",
        )  # fmt: skip
        for application, person, vote in (
            (self.application, other, Vote.APPROVE),
            (torn, other, Vote.APPROVE),
            (torn, self.person["roster_manager"], Vote.DECLINE),
        ):
            self.make._add(
                Assessment(
                    application_id=application.id, person_id=person.id, vote=vote,
                    note=self.words("note of another manager") if application != torn else "",
                )
            )  # fmt: skip
        return torn

    def _close_application(self) -> Application:
        """Of somebody from the roster manager's own organisation; another one may decide."""
        self.make.staff(Role.ROSTER_MANAGER)
        home = self.person["roster_manager"].organisation_id
        self.person["neighbour"] = self.make.person(organisation_id=home)
        now = clock.now()
        return self._apply(
            "neighbour", "RA-2026-900003", name="A neighbour", organisation_name="Next door",
            statement="A statement.", competing_interests="",
            state=ApplicationState.DECLINED, reason="other",
            decided_at=now, decided_by_id=self.person["admin"].id, due_at=None,
        )  # fmt: skip

    def _appealed(self) -> Submission:
        """Refused by the handling editor, and sent in again with the reasons against that."""
        submission = self.make.submission(state=State.SUBMITTED, appeals=1)
        self.make._add(
            Decision(
                submission_id=submission.id, kind=DecisionKind.REJECTED, reason="out_of_scope",
                text="It is for others.", decided_by_id=self.person["handling_editor"].id,
                superseded_at=clock.now(), appealed=True,
            )
        )  # fmt: skip
        return submission

    def _item(self, submitter: Person, which: str) -> Item:
        state = State.APPROVED if self.state is State.PUBLISHED else self.state
        values: dict[str, Any] = {"licence": Licence.OPEN}  # so that its file is handed out
        if state is State.REJECTED:
            values["reviewed_at"] = clock.now()
        if state is State.CHANGES_REQUESTED:
            values["changes_wanted"] = self.words(f"changes wanted{which}")
        submission = self.make.submission(
            state=state, submitter_id=submitter.id, title=self.words(f"title{which}"),
            why_useful=self.words(f"why useful{which}"), publisher=self.words(f"publisher{which}"),
            description=self.words(f"description{which}"),
            response_note="" if state is State.DRAFT else self.words(f"response note{which}"),
            **values,
        )  # fmt: skip
        submission.progress.editor_id = self.person["handling_editor"].id
        submission.progress.owner_id = self.person["handling_editor"].id
        submission.progress.due_at = clock.now() + timedelta(days=7)
        if state not in {State.DRAFT, State.SUBMITTED}:
            submission.progress.reviews_expected, submission.progress.reviews_received = 3, 2
        item = Item(
            submission,
            file_id=attach(submission, f"{self.words(f'file name{which}')}.pdf", PDF).id,
            upload_id=self.make.upload(submission, name=self.words(f"upload name{which}")).id,
        )
        self._history(submission, which)
        self._panel(item, which)
        self._decide(item, which)
        self._question(submission, which)
        item.question_id = self._questions_of_reviewers(item, which)
        if self.state is State.PUBLISHED:
            item.slug = library.publish(submission, by=SYSTEM).slug
        self.make.session.flush()
        return item

    def _history(self, submission: Submission, which: str) -> None:
        if submission.state is State.WITHDRAWN:
            move = Move("withdraw", State.SUBMITTED, State.WITHDRAWN, Role.SUBMITTER)
            record(submission, move, actor_id=submission.submitter_id)
        elif submission.state is not State.DRAFT:
            editor = self.person["handling_editor"].id
            record(submission, "consult", actor_id=editor, role="editor",
                   note=self.words(f"internal note{which}"))  # fmt: skip

    def _question(self, submission: Submission, which: str) -> None:
        """Asked by an editor and answered by the submitter."""
        now = clock.now()
        self.make._add(
            Question(
                submission_id=submission.id, number=1, text=self.words(f"question{which}"),
                asked_by_id=self.person["handling_editor"].id, asked_at=now,
                answer_by=now + timedelta(days=14), answer=self.words(f"answer{which}"),
                answered_at=now,
            )
        )  # fmt: skip

    def _questions_of_reviewers(self, item: Item, which: str) -> int:
        """One that waits for an editor, and one that the panel has an answer to; the first's id."""
        seat, now = item.seats["accepted"], clock.now()
        given = {"assignment_id": seat.id, "round_id": seat.round_id}
        waiting = self.make._add(
            ReviewerQuestion(number=1, text=self.words(f"question of a reviewer{which}"), **given)
        )
        self.make._add(
            ReviewerQuestion(
                number=2, text=self.words(f"question that was answered{which}"),
                reply=self.words(f"reply to the panel{which}"), replied_at=now, **given,
            )
        )  # fmt: skip
        return int(waiting.id)

    def _panel(self, item: Item, which: str) -> None:
        submission, now = item.submission, clock.now()
        for name in ("reserve", *REVIEWERS, "reviewing_editor") if which else ():
            self._known(name + which)
        reserve = [{"person_id": self.person["reserve" + which].id, "rank": 9, "why": "next"}]
        is_open = self.state is State.IN_REVIEW
        current = self.make._add(
            ReviewRound(
                submission_id=submission.id, number=1, policy_id=self.policy_id,
                closed_at=None if is_open else now,
                closed_early="" if is_open else self.words(f"why closed early{which}"),
                wanted=[] if is_open else [
                    {"person_id": self.person["reserve" + which].id, "slot": "external",
                     "by_id": self.person["handling_editor"].id, "overruled": [],
                     "note": self.words(f"why wanted{which}")},
                ],
                standing={"alternates": {"external": reserve}, "excluded": [], "shortages": []},
            )
        )  # fmt: skip
        seated = {**REVIEWERS, "reviewing_editor": AssignmentState.SUBMITTED}
        for name, state in seated.items():
            item.seats[name] = self._seat(current, name, state, which)

    def _seat(
        self, current: ReviewRound, name: str, state: AssignmentState, which: str
    ) -> Assignment:
        now = clock.now()
        begun = state in {AssignmentState.ACCEPTED, AssignmentState.SUBMITTED}
        is_declined = state is AssignmentState.DECLINED
        seat = Assignment(
            round_id=current.id, submission_id=current.submission_id,
            person_id=self.person[name + which].id, slot=Slot.EXTERNAL, internal=False, state=state,
            invited_at=now, answer_by=now + timedelta(days=3),
            conflict_denied_at=now if begun else None,
            due_at=now + timedelta(days=14) if begun else None,
            submitted_at=now if state is AssignmentState.SUBMITTED else None,
            decline_reason="no_time" if is_declined else "",
            decline_note=self.words(f"decline note{which}") if is_declined else "",
        )  # fmt: skip
        self.make._add(seat)
        if begun:
            self._review(seat, name, which)
        record(seat, "accept" if begun else "invite", actor_id=seat.person_id, role="reviewer")
        return seat

    def _review(self, seat: Assignment, name: str, which: str) -> None:
        is_sent = seat.state is AssignmentState.SUBMITTED
        to_editor = self.words(f"comment to the editor by {name}{which}")
        to_submitter = self.words(f"comment to the submitter by {name}{which}")
        draft = {"comment_to_editor": to_editor, "comment_to_submitter": to_submitter}
        self.make._add(
            Review(
                assignment_id=seat.id, draft=draft,
                gates={"in_scope": "yes"} if is_sent else {},
                scores={"relevance": 2} if is_sent else {},
                recommendation=Recommendation.INCLUDE if is_sent else None,
                comment_to_submitter=to_submitter if is_sent else "",
                comment_to_editor=to_editor if is_sent else "",
                submitted_at=clock.now() if is_sent else None,
            )
        )  # fmt: skip

    def _decide(self, item: Item, which: str) -> None:
        submission, kind = item.submission, DECIDED.get(self.state)
        if kind is None:
            if self.state is State.CHANGES_REQUESTED:
                self._letter(item, which, None)
            return
        decision = self.make._add(
            Decision(
                submission_id=submission.id, kind=kind,
                reason="out_of_scope" if kind is DecisionKind.REJECTED else "",
                text=self.words(f"text of the decision{which}"),
                decided_by_id=self.person["handling_editor"].id,
            )
        )  # fmt: skip
        self._letter(item, which, decision.id)
        self._sent_back(submission, which, kind)

    def _letter(self, item: Item, which: str, decision_id: int | None) -> None:
        """What an editor released of the reviewers' words, with names where they are visible."""
        released = [{"number": 1, "text": self.words(f"released comment{which}")}]
        reviewers = {"1": item.seats["sent"], "2": item.seats["reviewing_editor"]}
        named = {number: seat.person_id for number, seat in reviewers.items()}
        self.make._add(
            Letter(
                submission_id=item.submission.id, decision_id=decision_id, released=released,
                sources={"0": [1, 2]}, written_by_id=self.person["handling_editor"].id,
                people=named if self.anonymity == "visible" else {},
            )
        )  # fmt: skip

    def _sent_back(self, submission: Submission, which: str, kind: DecisionKind) -> None:
        """An earlier decision that its second person did not confirm."""
        self.make._add(
            SignOff(
                submission_id=submission.id, kind=kind, reason="outdated",
                text=self.words(f"text before the decision{which}"),
                proposed_by_id=self.person["handling_editor"].id,
                second_id=self.person["other_editor"].id, outcome=SignOffOutcome.SENT_BACK,
                answered_at=clock.now(), note=self.words(f"why sent back{which}"),
            )
        )  # fmt: skip
