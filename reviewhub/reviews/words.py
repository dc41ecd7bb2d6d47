"""What recommendations and panel results are called."""

from reviewhub.core.i18n import _l, get_locale
from reviewhub.reviews.models import PanelResult
from reviewhub.taxonomy.queries import catalogue

_RESULTS = {
    PanelResult.SHORT: _l("the panel is short, so it has no result"),
    PanelResult.GATE: _l("a reviewer answered a gate question with no"),
    PanelResult.INCLUDE: _l("all reviewers say: include it"),
    PanelResult.CORRECT: _l("include it once the record is corrected"),
    PanelResult.EXCLUDE: _l("all reviewers say: do not include it"),
    PanelResult.SPLIT: _l("the reviewers disagree"),
    PanelResult.MAJORITY_INCLUDE: _l("most reviewers say: include it"),
    PanelResult.MAJORITY_EXCLUDE: _l("most reviewers say: do not include it"),
    PanelResult.TIED: _l("the reviewers are tied"),
}


def panel_result_label(result: str) -> str:
    """A panel's result in words; empty while there is none."""
    return str(_RESULTS[PanelResult(result)]) if result else ""


def recommendation_label(code: str) -> str:
    """A recommendation as the hub's form words it."""
    hub = catalogue()
    for entry in hub.review_form["recommendations"]:
        if entry["code"] == code:
            return hub.words(entry["labels"], get_locale()).text
    return str(code)
