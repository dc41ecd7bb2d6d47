"""The coverage board as a page, and its figures as a file."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import allow
from reviewhub.accounts.roles import Role
from reviewhub.admin.coverage import files, gender, plot, words
from reviewhub.admin.coverage.board import Board, Needs
from reviewhub.admin.coverage.figures import HORIZONS, figures
from reviewhub.core.i18n import _, direction, get_locale
from reviewhub.reviews.queries import rules_in_force
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
        gaps=[
            (topic, [words.sentences(stage, board.needs) for stage in stages])
            for topic, stages in board.gaps.items()
        ],
        need=words.need_words(board.needs),
        standings=words.STANDINGS,
        horizons=HORIZONS,
        bars=plot.rows(board.work, rtl=direction(get_locale()) == "rtl"),
        plot=plot,
        shares=[
            (words.group_words(group), group) for group in gender.balance(board.figures.genders)
        ],
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
    hub = catalogue()
    return Board(
        figures=figures(),
        needs=Needs.of(rules_in_force()),
        topics=hub.vocabulary(Vocabulary.TOPICS),
        regions=hub.vocabulary(Vocabulary.REGIONS),
        languages=hub.vocabulary(Vocabulary.LANGUAGES),
    )
