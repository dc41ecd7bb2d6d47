"""The blueprint that the pages of this package hang on, and the words they share."""

from typing import Any

from flask import Blueprint
from markupsafe import Markup

from reviewhub.core import clock
from reviewhub.core.i18n import get_locale
from reviewhub.roster.answers import BACKGROUND_LABELS, LEVEL_LABELS
from reviewhub.roster.words import FIELD_LABELS, MARK_LABELS, VOTE_LABELS
from reviewhub.roster.workflow import APPLICATION_LABELS, MEMBERSHIP_LABELS
from reviewhub.taxonomy.catalogue import Label
from reviewhub.taxonomy.queries import catalogue

bp = Blueprint("roster", __name__)


@bp.context_processor
def _words() -> dict[str, Any]:
    """How codes of the hub's data read on the roster's pages."""
    return {
        "term_label": _term_label,
        "kind_label": _kind_label,
        "application_labels": APPLICATION_LABELS,
        "membership_labels": MEMBERSHIP_LABELS,
        "level_labels": LEVEL_LABELS,
        "background_labels": BACKGROUND_LABELS,
        "field_labels": FIELD_LABELS,
        "vote_labels": VOTE_LABELS,
        "mark_labels": MARK_LABELS,
        "today": clock.today(),
    }


def _term_label(vocabulary: str, code: str) -> Markup:
    term = catalogue().find(vocabulary, code)
    return _marked(term.label(get_locale())) if term else Markup("{}").format(code)


def _kind_label(internal: bool) -> Markup:
    hub, locale = catalogue(), get_locale()
    return _marked(hub.internal_label(locale) if internal else hub.external_label(locale))


def _marked(label: Label) -> Markup:
    return Markup('<bdi lang="{}">{}</bdi>').format(label.lang, label.text)
