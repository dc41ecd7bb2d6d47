"""Links that lead nowhere any more: a list for the desk, and the same as a file."""

from collections.abc import Callable

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import allow
from reviewhub.accounts.roles import Role
from reviewhub.core.i18n import _
from reviewhub.library import link_checks
from reviewhub.library.link_checks import VERDICTS, Dead
from reviewhub.library.views import bp
from reviewhub.web.addresses import absolute
from reviewhub.web.spreadsheets import csv_response

STAFF = (Role.EDITOR, Role.ADMIN, Role.AUDITOR)


@bp.get("/desk/links")
@allow(*STAFF)
def dead_links() -> str:
    """Dead links of what is listed or under screening."""
    after = request.args.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    page = link_checks.dead(after=start)
    return render_template("library/dead_links.html", page=page, verdicts=VERDICTS, path=_address)


@bp.get("/desk/links.csv")
@allow(*STAFF)
def dead_links_file() -> Response:
    """The same for a spreadsheet program."""
    header = [_("Title"), _("Where"), _("Link"), _("Answer"), _("Status"), _("Failing since")]
    rows = (
        (
            one.title,
            _address(one, absolute),
            one.check.url,
            str(VERDICTS[one.check.verdict]) if one.check.verdict else "",
            one.check.status,
            one.check.failing_since,
        )
        for one in link_checks.every_dead()
    )
    return csv_response("dead links", header, rows)


def _address(one: Dead, build: Callable[..., str] = url_for) -> str:
    if one.ref:
        return build("admin.item", ref=one.ref)
    return build("library.resource", slug=one.slug)
