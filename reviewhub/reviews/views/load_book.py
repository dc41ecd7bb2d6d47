"""What a member was asked and what came of it: for themselves, and for whoever keeps the roster."""

from flask import render_template
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.reviews import load_book
from reviewhub.reviews.candidates import half_year_start
from reviewhub.reviews.views.blueprint import bp
from reviewhub.roster import policy
from reviewhub.roster.queries import members
from reviewhub.web.spreadsheets import csv_response


@bp.get("/roster/members/<int:membership_id>/load")
@allow(BY_OBJECT)
def load(membership_id: int) -> str:
    """One member's load by half-years."""
    membership = members.find(membership_id)
    if membership is None or not policy.may_see_member(actor(), membership):
        raise NotFound(_("There is no member here for you. Open the link in our mail, or sign in."))
    book = load_book.half_years(membership.person_id)
    this = half_year_start(clock.now())
    return render_template(
        "reviews/load.html",
        membership=membership,
        person=accounts.get(membership.person_id),
        yours=policy.is_member(actor(), membership),
        book=book,
        total=load_book.in_all([one for _start, one in book]),
        counted=next((one.counted for start, one in book if start == this), 0),
        outcomes=load_book.OUTCOMES,
    )


@bp.get("/roster/load.csv")
@allow(Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR)
def load_file() -> Response:
    """The load book of all members, as a spreadsheet."""
    return csv_response(_("load book"), load_book.header(), load_book.rows())
