"""A reviewer's record, and the receipts that anybody can check who was given their address."""

from datetime import UTC, datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, PUBLIC, actor, allow, link_key, viewer
from reviewhub.accounts.actor import Capability
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line
from reviewhub.reviews import queries, receipts, records, statements
from reviewhub.reviews.operations import receipts as operations
from reviewhub.reviews.receipts import Receipt
from reviewhub.reviews.statement_words import in_words, sheet_of
from reviewhub.reviews.statements import Statement
from reviewhub.reviews.views.blueprint import bp
from reviewhub.web.addresses import absolute


@bp.get("/reviews/record")
@allow(BY_OBJECT)
def record() -> str | Response:
    """What one has reviewed, what became of it, and receipts and certificates to show."""
    person_id = _own()
    if person_id is None:
        return _to_sign_in()
    page = records.entries(person_id, after=request.args.get("after", type=int))
    return render_template(
        "reviews/record.html",
        page=page,
        years=records.years(person_id) if "after" not in request.args else [],
        this_year=clock.today().year,
        code_of=receipts.code,
        outcomes=records.OUTCOMES,
    )


@bp.post("/reviews/record/<int:assignment_id>/issue")
@allow(BY_OBJECT)
def issue(assignment_id: int) -> Response:
    """A receipt for a review that has none, or whose address was made worthless."""
    assignment = queries.find(assignment_id)
    if assignment is None or assignment.person_id != _own():
        raise _not_yours()
    made = operations.issue(assignment, by=actor())
    db.session.commit()
    flash(_("Your receipt is made. Give its address to whom you like."), "success")
    return redirect(url_for(".receipt", receipt_code=receipts.code(made)))


@bp.post("/reviews/record/certify")
@allow(BY_OBJECT)
def certify() -> Response:
    """The certificate of a calendar year that is over."""
    person_id = _own()
    if person_id is None:
        return _to_sign_in()
    year = request.form.get("year", default=0, type=int)
    made = operations.certify(person_id, year, by=actor())
    db.session.commit()
    flash(_("Your certificate is made. Give its address to whom you like."), "success")
    return redirect(url_for(".receipt", receipt_code=receipts.code(made)))


@bp.post("/reviews/record/<int:receipt_id>/revoke")
@allow(BY_OBJECT)
def revoke(receipt_id: int) -> Response:
    """Make the address of a receipt or certificate worthless."""
    found = records.receipt(receipt_id)
    if found is None or found.person_id != _own():
        raise _not_yours()
    operations.revoke(found, by=actor())
    db.session.commit()
    flash(_("The address opens nothing any more. You can make a new one."), "success")
    return redirect(url_for(".record", key=link_key() or None))


@bp.get("/receipts")
@allow(PUBLIC)
def verify() -> str | Response:
    """Where a code is entered that somebody reads off a sheet."""
    wanted = clean_line(request.args.get("code", ""))[:300]
    code = wanted.partition("?")[0].rstrip("/").rpartition("/")[2].replace(" ", "").lower()
    if code and receipts.resolve(code) is not None:
        return redirect(url_for(".receipt", receipt_code=code))
    return render_template("reviews/verify.html", wanted=wanted)


@bp.get("/receipts/<receipt_code>")
@allow(PUBLIC)
def receipt(receipt_code: str) -> Response:
    """What a receipt says, for whoever has its address."""
    found, statement = _statement(receipt_code)
    page = make_response(
        render_template(
            "reviews/receipt.html",
            words=in_words(statement),
            code=receipt_code,
            yours=viewer() is not None and found.person_id == _own(),
            receipt=found,
        )
    )
    return _for_whoever_has_it(page)


@bp.get("/receipts/<receipt_code>/pdf")
@allow(PUBLIC)
def receipt_file(receipt_code: str) -> Response:
    """The same as a sheet to print or to send."""
    from reviewhub.core import paper  # noqa: PLC0415 -- what draws is heavy, and few requests do

    found, statement = _statement(receipt_code)
    address = absolute("reviews.receipt", receipt_code=receipt_code)
    day = datetime(statement.first.year, statement.first.month, statement.first.day, tzinfo=UTC)
    answer = make_response(paper.draw(sheet_of(statement, receipt_code, address, on=day)))
    answer.mimetype = "application/pdf"
    name = f"{'certificate' if found.year else 'receipt'}-{found.number}.pdf"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return _for_whoever_has_it(answer)


def _statement(code: str) -> tuple[Receipt, Statement]:
    found = receipts.resolve(code)
    said = statements.of(found) if found is not None else None
    if found is None or said is None:
        raise NotFound(
            _("There is no receipt here. The address may be incomplete, or it was taken back.")
        )
    return found, said


def _for_whoever_has_it(answer: Response) -> Response:
    """The address is the key: it goes to no other site, and no search engine keeps it."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _own() -> int | None:
    """Whose record is asked for: the account's, or, of somebody without one, their link's.

    It tells what they reviewed. Who has an account signs in for it, for a link may be passed on.
    """
    person, grant = viewer(), actor().grant
    if person is not None:
        return person.id
    if grant is None or grant.capability is not Capability.APPLICATION or grant.person_id is None:
        return None
    return None if accounts.get(grant.person_id).has_account else grant.person_id


def _to_sign_in() -> Response:
    return redirect(url_for("accounts.sign_in", next=url_for(".record")))


def _not_yours() -> NotFound:
    return NotFound(_("This is not for this account. Sign in as whoever wrote the review."))
