"""Asks one cell of the table over HTTP and undoes whatever the answer changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session
from werkzeug.routing import Rule as Route
from werkzeug.test import TestResponse

from reviewhub.jobs.models import Job
from reviewhub.notifications.models import Message, MessageState
from tests.permissions.expected import CLOSED, HIDDEN, MOVED_ON, NOT_YOURS, OK, SIGN_IN, Ask
from tests.permissions.principals import PRINCIPALS, House

SENTENCE = "A sentence that is long enough for every form that asks for one."
# Every field of every form: what a form does not know it does not read.
FILLED_IN: dict[str, Any] = {
    "note": SENTENCE, "wanted": SENTENCE, "question": SENTENCE, "answer": SENTENCE,
    "reason": "out_of_scope", "days": "1", "kind": "external", "until": "2026-03-20",
    "reply": SENTENCE, "received_on": "2026-03-01", "no_conflict": "y",
    "may_reapply_on": "2026-12-01", "first": "2026-03-10", "last": "2026-03-20",
}  # fmt: skip
REASONS = {"reviews.decline": "no_time", "roster.decline": "expertise_covered"}
# Strangers to every page of a submission, who are asked in one of its states.
ALIKE = {
    "half_way", "applicant_by_link", "idle_member_by_link", "other_link", "invited_by_link",
    "accepted_by_link", "sent_by_link", "declined_by_link", "recused_by_link", "invited",
    "declined",
}  # fmt: skip
WHOLE = "in_review"
AT_THE_DOOR = "This page is for other roles than yours."
STATUS = {403: NOT_YOURS, 404: HIDDEN, 409: MOVED_ON}


@dataclass(frozen=True)
class Cell:
    """One question: the endpoint, its address for this principal, and who asks how."""

    endpoint: str
    address: str
    ask: Ask


class Asker:
    """Browsers for every principal of a house, and the rows that its addresses need."""

    def __init__(
        self,
        app: Flask,
        db: scoped_session[Session],
        house: House,
        sign_in: Callable[..., FlaskClient],
    ) -> None:
        self.app, self.db, self.house = app, db, house
        self.job = house.make._add(Job(kind="import"))
        self.message = self._failed_mail()
        self.sign_in = sign_in
        self._known: dict[tuple[str, bool, bool], dict[str, Any]] = {}
        self.browsers = {name: self._browser(name) for name in PRINCIPALS}
        db.commit()
        self.routes: dict[str, Route] = {
            route.endpoint: route for route in app.url_map.iter_rules()
        }

    def cells(self, endpoints: Mapping[str, object]) -> Iterator[Cell]:
        """Every cell of these endpoints, for the state of the house."""
        context = self.app.test_request_context()
        is_whole = self.house.state.value == WHOLE
        asked = [name for name in PRINCIPALS if is_whole or name not in ALIKE]
        for endpoint in endpoints:
            methods = sorted((self.routes[endpoint].methods or set()) & {"GET", "POST"})
            for principal in asked:
                with context:
                    address = self._address(endpoint, principal)
                for method in methods:
                    ask = Ask(principal, method, self.house.state.value)
                    yield Cell(endpoint, address, ask)

    def answer(self, cell: Cell) -> str:
        """The class of the answer; what it changed is undone."""
        return self.answer_with_text(cell)[0]

    def answer_with_text(self, cell: Cell) -> tuple[str, str]:
        """The same, and what somebody reads of it."""
        response = self.send(cell)
        text = response.text if "text" in (response.mimetype or "") else ""
        response.close()  # files are streamed
        if response.status_code == 302 and response.location.startswith("/sign-in"):
            return SIGN_IN, text
        if response.status_code < 400 or response.status_code == 422:
            return OK, text
        if response.status_code == 403 and AT_THE_DOOR in text:
            return CLOSED, text
        return STATUS.get(response.status_code, str(response.status_code)), text

    def send(self, cell: Cell) -> TestResponse:
        """The response itself, undone as well."""
        name = cell.ask.principal
        # A page about the account may change the session itself, so that browser is thrown away.
        leaves = cell.endpoint.startswith("accounts.") and cell.ask.method == "POST"
        browser, _extra = self._browser(name) if leaves else self.browsers[name]
        self.db.commit()
        point = self.db.get_bind().begin_nested()  # below the session, which makes its own
        try:
            if cell.ask.method == "GET":
                return browser.get(cell.address)
            filled_in = FILLED_IN | {"reason": REASONS.get(cell.endpoint, FILLED_IN["reason"])}
            return browser.post(cell.address, data=filled_in)
        finally:
            self.db.rollback()
            point.rollback()
            self.db.expire_all()

    def _browser(self, name: str) -> tuple[FlaskClient, dict[str, str]]:
        return self.house.browser(name, self.app.test_client, self.sign_in)

    def _address(self, endpoint: str, principal: str) -> str:
        adapter = self.app.url_map.bind("localhost")
        known = self.values(endpoint, principal)
        values = {name: known[name] for name in self.routes[endpoint].arguments}
        return adapter.build(endpoint, values | self.browsers[principal][1])

    def values(self, endpoint: str, principal: str) -> dict[str, Any]:
        """What the addresses of this endpoint are made of, for this principal.

        Read once: whatever an answer changes is undone, and the rows would all be read anew.
        """
        is_public = endpoint in {"library.topic", "library.topics"}
        on_roster = endpoint.startswith("roster.")
        asked = principal, is_public, on_roster
        if asked not in self._known:
            self._known[asked] = self._read(*asked)
        return dict(self._known[asked])

    def _read(self, principal: str, is_public: bool, on_roster: bool) -> dict[str, Any]:
        house, item = self.house, self.house.item_of(principal)
        return {
            "ref": house.application.ref if on_roster else item.submission.ref,
            "slug": "objectives" if is_public else item.slug,
            "code": "14", "name": "topic", "filename": "css/base.css", "number": item.file_id,
            "file_id": item.file_id, "upload_id": item.upload_id,
            "question_id": item.question_id, "assignment_id": house.seat_of(principal).id,
            "invitation_id": house.invitation.id,
            "receipt_code": house.receipt_code, "receipt_id": house.receipt_id,
            "publication_id": house.publication_id,
            "membership_id": house.membership.id,
            "absence_id": house.absence_id, "job_id": self.job.id, "mail_id": "0",
            "message_id": self.message.id, "list_id": house.list_id,
            "batch_id": house.batch_id, "kind": "outcomes",
            "person_id": house.person["submitter"].id,
            "other_id": house.person["registered"].id,
        }  # fmt: skip

    def _failed_mail(self) -> Message:
        person = self.house.person["submitter"]
        return self.house.make._add(  # type: ignore[no-any-return]  # any row
            Message(
                event="reviews/start_review", object_type="submissions",
                object_id=self.house.item.submission.id, recipient_id=person.id,
                address=person.email, locale="en", state=MessageState.FAILED,
                last_error=self.house.words("error of the mail"),
            )
        )  # fmt: skip
