"""The blueprint that the pages of this package hang on, and the words its templates use."""

from typing import Any

from flask import Blueprint

from reviewhub.core.i18n import get_locale
from reviewhub.reviews.explained import reasons_sentence, shortage_words, slot_label
from reviewhub.reviews.reasons import HELD_BACK
from reviewhub.reviews.receipts import code_of_review
from reviewhub.reviews.words import panel_result_label, recommendation_label
from reviewhub.reviews.workflow import LABELS, AssignmentState
from reviewhub.submissions.entered import entries_about
from reviewhub.submissions.workflow import LABELS as SUBMISSION_LABELS
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

bp = Blueprint("reviews", __name__)


def reason_label(kind: str, code: str) -> str:
    """What the hub's reason says, in the reader's language."""
    return catalogue().reason_label(kind, code, get_locale()).text


@bp.app_context_processor
def words() -> dict[str, Any]:
    """Words for pages and mails about reviews."""
    return {
        "assignment_label": lambda state: LABELS[AssignmentState(state)],
        "entered_about": entries_about,
        "held_back": lambda code: HELD_BACK.get(code, code),
        "panel_result_label": panel_result_label,
        "reason_label": reason_label,
        "receipt_code": code_of_review,
        "reasons_sentence": reasons_sentence,
        "recommendation_label": recommendation_label,
        "shortage_words": shortage_words,
        "slot_label": slot_label,
        "submission_state_label": lambda state: SUBMISSION_LABELS[State(state)],
    }
