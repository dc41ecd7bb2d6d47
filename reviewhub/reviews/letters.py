"""The letter that goes with a decision: drafted from the reviews, each sentence with its sources.

A draft holds the words of the hub's own form, never a reviewer's. What a reviewer wrote to the
submitter goes along where an editor released it; what was written to the editors is of another
type, and has no way in here.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.lists import format_list

from reviewhub.accounts import queries as accounts
from reviewhub.core.i18n import _, force_locale, get_locale
from reviewhub.reviews.models import Assignment, ForSubmitter, PanelResult, Review, ReviewRound
from reviewhub.reviews.queries import latest_round, rules_of
from reviewhub.reviews.results import counted_reviews
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

LOW = ("0", "1")  # the scores that a submitter should hear of


@dataclass(frozen=True)
class Source:
    """One review as a letter speaks of it: by number, or by name where names are shown."""

    number: int
    assignment_id: int
    person_id: int
    who: str
    comment: ForSubmitter
    gates: Mapping[str, str]
    scores: Mapping[str, str]


@dataclass(frozen=True)
class Sentence:
    """One sentence of a draft, and the numbers of the reviewers behind it."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Draft:
    """A letter nobody has edited yet, one sentence a line."""

    sentences: tuple[Sentence, ...] = ()
    sources: tuple[Source, ...] = ()
    named: bool = False  # whether the submitter may learn who reviewed

    @property
    def text(self) -> str:
        """The letter as the form holds it."""
        return "\n".join(sentence.text for sentence in self.sentences)

    def sources_of(self, text: str) -> dict[str, list[int]]:
        """Line number to the numbers behind it, for those lines that are still as drafted."""
        drafted = {sentence.text: sentence.numbers for sentence in self.sentences}
        return {
            str(place): list(drafted[line.strip()])
            for place, line in enumerate(text.splitlines())
            if line.strip() in drafted
        }


def draft_for(submission: Submission) -> Draft:
    """The letter in the submitter's language; empty unless reviews wait for a decision."""
    current = latest_round(submission.id)
    if current is None or submission.submitter_id is None or submission.state != State.REVIEWED:
        return Draft()
    named = rules_of(current).names_reviewers
    with force_locale(accounts.get(submission.submitter_id).locale):
        sources = _sources(current, named=named)
        return Draft(tuple(_sentences(current, sources)), sources, named)


def _sources(current: ReviewRound, *, named: bool) -> tuple[Source, ...]:
    """The reviews that count, in an order that tells nothing of seats, dates or people."""
    pairs = sorted(counted_reviews(current), key=lambda pair: _mixed(current, pair[0]))
    names = _names(pairs) if named else {}
    return tuple(
        Source(
            number,
            seat.id,
            seat.person_id,
            names.get(seat.person_id) or _("Reviewer %(number)d", number=number),
            review.comment_to_submitter,
            {code: str(answer) for code, answer in review.gates.items()},
            {code: str(score) for code, score in review.scores.items()},
        )
        for number, (seat, review) in enumerate(pairs, 1)
    )


def _mixed(current: ReviewRound, seat: Assignment) -> str:
    return hashlib.sha256(f"{current.id} {seat.id}".encode()).hexdigest()


def _names(pairs: Sequence[tuple[Assignment, Review]]) -> dict[int, str]:
    ids = [seat.person_id for seat, _review in pairs]
    return {person.id: person.name for person in accounts.people(ids)}  # an address is no name


def _sentences(current: ReviewRound, sources: Sequence[Source]) -> Iterator[Sentence]:
    everybody = tuple(source.number for source in sources)
    if sources and current.result is not None:
        yield Sentence(_said_by_panel(current.result), everybody)
    form = catalogue().review_form
    for gate in form["gates"]:
        by = [source for source in sources if source.gates.get(gate["code"]) == "no"]
        if by:
            question = _words(gate["labels"])
            yield _sentence(
                _("%(who)s: “no” to the question “%(question)s”", who=_who(by), question=question),
                by,
            )
    for criterion in form["criteria"]:
        for score in LOW:
            by = [s for s in sources if s.scores.get(criterion["code"]) == score]
            if by and score in criterion["anchors"]:
                yield _sentence(_on(criterion, score, _who(by)), by)


def _sentence(text: str, by: Iterable[Source]) -> Sentence:
    return Sentence(text, tuple(source.number for source in by))


def _on(criterion: Mapping[str, Any], score: str, who: str) -> str:
    return _(
        "%(criterion)s: “%(finding)s” (%(who)s)",
        criterion=_words(criterion["labels"]),
        finding=_words(criterion["anchors"][score]),
        who=who,
    )


def _who(by: Iterable[Source]) -> str:
    return str(format_list([source.who for source in by], locale=get_locale()))


def _words(labels: Mapping[str, str | None]) -> str:
    return catalogue().words(labels, get_locale()).text


def _said_by_panel(result: PanelResult) -> str:
    return {
        PanelResult.SHORT: _("Fewer reviewers than planned could read it before the review ended."),
        PanelResult.GATE: _("The reviewers see a condition that it does not meet."),
        PanelResult.INCLUDE: _("All reviewers recommend that it is included."),
        PanelResult.CORRECT: _(
            "The reviewers recommend that it is included once what we say of it is corrected."
        ),
        PanelResult.EXCLUDE: _("All reviewers recommend that it is not included."),
        PanelResult.SPLIT: _("The reviewers disagree on whether it should be included."),
        PanelResult.MAJORITY_INCLUDE: _("Most reviewers recommend that it is included."),
        PanelResult.MAJORITY_EXCLUDE: _("Most reviewers recommend that it is not included."),
        PanelResult.TIED: _("As many reviewers recommend including it as leaving it out."),
    }[result]
