"""What happens to each suggestion: told step by step with the operations that people use.

A story's letters are its reviewers in the order in which they are asked:
i include, c include once corrected, x do not include, g a gate answered with no, w accepted and at
work, l accepted and late, d declined, n no answer, z declines whoever reads the language.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.demo.content import Submitter, Suggestion
from reviewhub.demo.reviewers import Bench
from reviewhub.demo.timeline import Story, Timeline
from reviewhub.reviews import operations as reviews
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.answers import Answers, answers_of
from reviewhub.submissions.models import Breadth, Licence, Relation, Scope, Submission
from reviewhub.submissions.operations.refiling import Refiling, refiling_of
from reviewhub.submissions.workflow import State


@dataclass(frozen=True)
class Plot:
    """The letters of a story's reviewers, and what an editor makes of them."""

    letters: str
    ending: str = ""


PLOTS = {
    "published": Plot("iii"),
    "published-corrected": Plot("cic", "approve"),
    "published-majority": Plot("ixii", "approve"),
    "approved": Plot("iii", "embargo"),
    "rejected-excluded": Plot("xdxx", "reject:not_enough_evidence"),
    "rejected-gate": Plot("gxg", "reject:against_principles"),
    "rejected-appealed": Plot("xxxxxx", "appeal"),
    "submitted-appeal": Plot("xxx", "appeal:wait"),
    "changes-after-review": Plot("cci", "request_changes"),
    "withdrawn-in-review": Plot("wnn", "withdraw"),
    "reviewed-correct": Plot("cic"),
    "reviewed-tied": Plot("ixxi"),
    "reviewed-gate": Plot("gii"),
    "reviewed-exclude": Plot("xxx"),
    "reviewed-short": Plot("iil", "finish_review"),
    "review-late": Plot("dilw"),
    "review-partial": Plot("idwn"),
    "review-tie": Plot("ixiw"),
    "review-short-of-people": Plot("z"),
    "review-invited": Plot("nnn"),
}
# Now and then somebody says no first, so that the order of the letters is not always the same.
DETOURS = ("", "d", "", "n", "", "", "d", "")

CHANGES = "Please name the people interviewed by role and say when the figures were collected."
APPEAL = "The panel seems to have read the first edition. The second one answers both objections."


class Author:
    """Tells the stories of suggestions."""

    def __init__(self, timeline: Timeline, bench: Bench) -> None:
        self.timeline = timeline
        self.bench = bench

    def tell(self, suggestion: Suggestion, submitter: Submitter, person: Person) -> Story:
        """One suggestion from its first words to wherever it has come until now."""
        yield self.timeline.day(-suggestion.age)
        himself = Actor(person_id=person.id)
        submission = submissions.begin(by=himself)
        submission.is_demo = True
        submissions.fill(submission, _answers(suggestion, submitter), by=himself)
        if suggestion.story == "draft":
            return
        submissions.submit(submission, by=himself)
        if suggestion.story == "submitted":
            return
        yield self.timeline.after(0.8, 2.5)
        kind, _, detail = suggestion.story.partition(":")
        if kind == "declined":
            submissions.decline(
                submission, by=self._editor(submission), reason=detail, note=_WHY[detail]
            )
        elif kind == "changes-at-screening":
            reviews.request_changes(submission, by=self._editor(submission), wanted=CHANGES)
        elif kind == "withdrawn":
            reviews.withdraw(submission, by=himself, note="It will be rewritten first.")
        else:
            yield from self._review(submission, suggestion, PLOTS[kind], himself)

    def _review(
        self, submission: Submission, suggestion: Suggestion, plot: Plot, himself: Actor
    ) -> Story:
        detour = DETOURS[submission.id % len(DETOURS)] if _has_time(suggestion) else ""
        ending, _, detail = plot.ending.partition(":")
        # Asked for by the publisher: approved now, public on a day to come.
        embargo = self.timeline.now + timedelta(days=9) if ending == "embargo" else None
        self.bench.expect(submission, detour + plot.letters, embargo)
        self._start(submission, suggestion)
        if ending == "withdraw":
            yield self.timeline.after(8, 9)
            reviews.withdraw(submission, by=himself, note="We are merging it with another text.")
        elif ending == "finish_review":
            yield self.timeline.after(24, 25)
            reviews.finish_review(
                submission, by=self._editor(submission),
                note="Two reviews agree, and the third reviewer has fallen ill.",
            )  # fmt: skip
        elif ending and embargo is None:
            yield from self._until(submission, State.REVIEWED)
            yield self.timeline.after(1, 3)
            yield from self._decide(submission, ending, detail, himself)

    def _decide(self, submission: Submission, ending: str, detail: str, himself: Actor) -> Story:
        by = self._editor(submission)
        if ending == "approve":
            self._correct(submission, by)
            reviews.approve(submission, by=by, note="The record was corrected as proposed.")
        elif ending == "request_changes":
            reviews.request_changes(submission, by=by, wanted=CHANGES)
        elif ending == "reject":
            reviews.reject(submission, by=by, reason=detail, note=_WHY[detail])
        elif ending == "appeal":
            yield from self._appeal(submission, himself, waits=detail == "wait")

    def _appeal(self, submission: Submission, himself: Actor, *, waits: bool) -> Story:
        reason = "not_enough_evidence"
        reviews.reject(submission, by=self._editor(submission), reason=reason, note=_WHY[reason])
        yield self.timeline.after(3, 6)
        reviews.appeal(submission, by=himself, note=APPEAL)
        if waits:
            return
        yield self.timeline.after(1, 3)
        reviews.start_review(submission, by=self._editor(submission))
        yield from self._until(submission, State.REVIEWED)
        yield self.timeline.after(1, 3)
        reviews.reject(submission, by=self._editor(submission), reason=reason, note=_WHY[reason])

    def _until(self, submission: Submission, *states: State) -> Story:
        while submission.state not in states:
            yield self.timeline.after(0.25, 0.25)

    def _start(self, submission: Submission, suggestion: Suggestion) -> None:
        """Screening: the record is completed, then reviewers are asked."""
        by = self._editor(submission)
        wanted = replace(
            refiling_of(submission),
            title_en=suggestion.title_en,
            breadth=Breadth.BROAD if suggestion.scope == "global" else Breadth.SPECIFIC,
            licence=Licence.LINK_ONLY,
            themes=_THEMES[submission.id % len(_THEMES)],
        )
        submissions.refile(submission, wanted, by=by, version=submission.version)
        reviews.start_review(submission, by=by)

    def _correct(self, submission: Submission, by: Actor) -> None:
        wanted: Refiling = refiling_of(submission)
        answers = replace(answers_of(submission), description=_sentence(submission.description))
        submissions.refile(
            submission, replace(wanted, answers=answers), by=by, version=submission.version,
            note="As two reviewers proposed.",
        )  # fmt: skip

    def _editor(self, submission: Submission) -> Actor:
        assert submission.progress.editor_id is not None  # the team has editors
        person = people.get(submission.progress.editor_id)
        return Actor(person_id=person.id, roles=person.roles)


_WHY = {
    "not_enough_evidence": "The reviewers could not see where the statements come from.",
    "against_principles": "Part of the text treats people on the move as a threat.",
    "promotional": "The page sells a service. The library lists what people can learn from.",
    "duplicate": "The same guide is in the library already, with a link that works.",
    "outdated": "Fees and addresses changed long ago; a reader would be misled.",
}
_THEMES = (
    ("people-centred", "human-rights"),
    ("whole-of-society",),
    ("sustainable-development", "gender-responsive"),
    ("rule-of-law", "human-rights"),
    ("international-cooperation",),
    ("child-sensitive", "people-centred"),
)


def _sentence(description: str) -> str:
    return f"{description} First published in two parts."


def _answers(suggestion: Suggestion, submitter: Submitter) -> Answers:
    host = "".join(c for c in suggestion.publisher.casefold() if c.isascii() and c.isalnum())
    slug = "".join(c if c.isalnum() else "-" for c in suggestion.title_en or suggestion.title)
    regional = suggestion.scope == "regional"
    return Answers(
        url=f"https://{host or 'press'}.example/{slug.casefold().strip('-')[:60]}",
        title=suggestion.title,
        language=suggestion.language,
        why_useful=suggestion.why_useful,
        topics=tuple(suggestion.topics),
        publisher=suggestion.publisher,
        published_on=suggestion.published_on,
        section=suggestion.section,
        document_type=suggestion.document_type or "",
        description=suggestion.description,
        scope=Scope(suggestion.scope),
        regions=tuple(suggestion.places) if regional else (),
        countries=() if regional else tuple(suggestion.places),
        relation=Relation.NONE,
        organisation=submitter.organisation,
        country=submitter.country,
    )


def _has_time(suggestion: Suggestion) -> bool:
    """Whether there is time for somebody to say no first."""
    return suggestion.age > 45
