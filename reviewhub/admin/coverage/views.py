"""The coverage board as a page, and its figures as a file."""

from functools import lru_cache

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import allow
from reviewhub.accounts.roles import Role
from reviewhub.admin.coverage import files, gender, plot, words
from reviewhub.admin.coverage.board import Board, Needs
from reviewhub.admin.coverage.figures import HORIZONS, KEPT, Figures, figures
from reviewhub.core.i18n import _, direction, get_locale
from reviewhub.reviews.queries import rules_in_force
from reviewhub.taxonomy.catalogue import Catalogue
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.spreadsheets import csv_response

bp = Blueprint("coverage", __name__)

READERS = (Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR)


@bp.get("/roster/coverage")
@allow(*READERS)
def show() -> str:
    """What the roster can judge and where it is thin, now and when terms end."""
    board = _board()
    return render_template(
        "admin/coverage.html",
        board=board,
        words=words,
        horizons=HORIZONS,
        bars=lambda: plot.rows(board.work, rtl=direction(get_locale()) == "rtl"),
        plot=plot,
        shares=gender.balance(board.figures.genders),
        least=gender.LEAST,
        members_url=url_for("roster.members", serves=1),
        language=get_locale(),
    )


@bp.get("/roster/coverage.csv")
@allow(*READERS)
def file() -> Response:
    """Every cell as a line."""
    board = _board()
    return csv_response(_("coverage"), files.header(board), files.rows(board))


def _board() -> Board:
    return _of(figures(), Needs.of(rules_in_force()), catalogue())


@lru_cache(maxsize=KEPT)
def _of(counted: Figures, needs: Needs, hub: Catalogue) -> Board:
    """The same board for the same figures: what is worked out or drawn from it is kept with it."""
    return Board(
        figures=counted,
        needs=needs,
        topics=hub.vocabulary(Vocabulary.TOPICS),
        regions=hub.vocabulary(Vocabulary.REGIONS),
        languages=hub.vocabulary(Vocabulary.LANGUAGES),
    )
