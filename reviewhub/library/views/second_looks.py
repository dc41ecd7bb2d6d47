"""What has stood in the library for long and is due for another look: a list for the desk."""

from flask import render_template, request

from reviewhub.accounts.access import allow
from reviewhub.accounts.roles import Role
from reviewhub.library import second_looks as looks
from reviewhub.library.views import bp


@bp.get("/desk/second-looks")
@allow(Role.EDITOR, Role.ADMIN, Role.AUDITOR)
def second_looks() -> str:
    """Records whose date has come, and whose they are."""
    after = request.args.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    return render_template("library/second_looks.html", page=looks.due(after=start))
