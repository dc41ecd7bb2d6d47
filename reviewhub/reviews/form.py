"""The review form as the hub's data states it: which questions are asked, and what counts as an
answer. The pages and the API obey the same check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.text import clean
from reviewhub.reviews.models import ForEditors, ForSubmitter, Recommendation
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue

NOT_APPLICABLE = "na"


@dataclass(frozen=True)
class Criterion:
    """One thing to score from 0 to 3; `entry` is its piece of the hub's data."""

    code: str
    required: bool
    is_open: bool
    may_not_apply: bool
    entry: Mapping[str, Any]

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that may be answered."""
        return ("0", "1", "2", "3", *((NOT_APPLICABLE,) if self.may_not_apply else ()))


@dataclass(frozen=True)
class Questions:
    """The questions of one submission's review."""

    gates: tuple[Mapping[str, Any], ...]
    criteria: tuple[Criterion, ...]
    recommendations: tuple[Mapping[str, Any], ...]
    confidence: tuple[Mapping[str, Any], ...]
    least_comment: int
    most_comment: int


@dataclass(frozen=True)
class Answers:
    """A review that holds."""

    gates: dict[str, str]
    scores: dict[str, str]
    recommendation: Recommendation
    confidence: int | None
    comment_to_submitter: ForSubmitter
    comment_to_editor: ForEditors


def questions(form: Mapping[str, Any], submission: Submission) -> Questions:
    """What is asked about this submission: gates for reviewers, criteria open or folded."""
    hub = catalogue()
    section = hub.term(submission.section_id).code if submission.section_id else ""
    kind = hub.term(submission.document_type_id).code if submission.document_type_id else ""
    texts = {text["code"]: text for text in form["texts"]}
    comment = texts["comments_to_submitter"]
    return Questions(
        gates=tuple(gate for gate in form["gates"] if gate["asked_of"] == "reviewer"),
        criteria=tuple(
            criterion
            for entry in form["criteria"]
            if (criterion := _criterion(entry, section, kind)) is not None
        ),
        recommendations=tuple(form["recommendations"]),
        confidence=tuple(form["confidence"]),
        least_comment=comment["min"],
        most_comment=comment["max"],
    )


def _criterion(entry: Mapping[str, Any], section: str, kind: str) -> Criterion | None:
    only_for = entry.get("only_for")
    if only_for and section not in only_for.get("sections", only_for):
        return None
    spared = entry.get("not_applicable_for", {})
    may_not_apply = kind in spared.get("document_types", ()) or section in spared.get(
        "sections", ()
    )
    return Criterion(
        code=entry["code"],
        required=entry["required"],
        is_open=entry["default"] or bool(only_for),
        may_not_apply=may_not_apply,
        entry=entry,
    )


def check_answers(
    form: Mapping[str, Any], submission: Submission, answers: Mapping[str, Any]
) -> Answers:
    """The answers as values. Raises InvalidInput for the first that is missing or unknown.

    Who answers "I can't judge" need answer nothing else.
    """
    asked = questions(form, submission)
    recommendation = _recommendation(answers.get("recommendation"))
    judges = recommendation is not Recommendation.CANNOT_JUDGE
    comment = clean(str(answers.get("comment_to_submitter") or ""))
    if judges and len(comment) < asked.least_comment:
        raise InvalidInput(
            _("Please write at least %(least)d characters.", least=asked.least_comment),
            field="comment_to_submitter",
        )
    to_editor = clean(str(answers.get("comment_to_editor") or ""))
    for name, text in (("comment_to_submitter", comment), ("comment_to_editor", to_editor)):
        if len(text) > asked.most_comment:
            raise InvalidInput(
                _("Please write at most %(most)d characters.", most=asked.most_comment), field=name
            )
    return Answers(
        gates=_gates(asked, answers, judges),
        scores=_scores(asked, answers, judges),
        recommendation=recommendation,
        confidence=_confidence(asked, answers.get("confidence")),
        comment_to_submitter=ForSubmitter(comment),
        comment_to_editor=ForEditors(to_editor),
    )


def _recommendation(value: object) -> Recommendation:
    try:
        return Recommendation(str(value))
    except ValueError:
        raise InvalidInput(_("Please choose what you recommend."), field="recommendation") from None


def _gates(asked: Questions, answers: Mapping[str, Any], judges: bool) -> dict[str, str]:
    found = {}
    for gate in asked.gates:
        name = f"gate_{gate['code']}"
        value = str(answers.get(name) or "")
        if value in gate["answers"]:
            found[gate["code"]] = value
        elif judges or value:
            raise InvalidInput(_("Please answer this question."), field=name)
    return found


def _scores(asked: Questions, answers: Mapping[str, Any], judges: bool) -> dict[str, str]:
    found = {}
    for criterion in asked.criteria:
        name = f"score_{criterion.code}"
        value = str(answers.get(name) or "")
        if value in criterion.choices:
            found[criterion.code] = value
        elif value or (judges and criterion.required):
            raise InvalidInput(_("Please choose a score."), field=name)
    return found


def _confidence(asked: Questions, value: object) -> int | None:
    if value in {None, ""}:
        return None
    if str(value) not in {str(one["value"]) for one in asked.confidence}:
        raise InvalidInput(_("Please choose how sure you are."), field="confidence")
    return int(str(value))
