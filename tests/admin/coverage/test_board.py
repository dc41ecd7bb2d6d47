"""What counts as a gap, by the rules of the panel, and how it reads."""

import pytest

from reviewhub.admin.coverage import words
from reviewhub.admin.coverage.board import Board, Need, Needs, Standing
from reviewhub.admin.coverage.figures import Counts, Figures, Heads, Strength
from reviewhub.reviews.rules import Rules
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue

S = Standing


def board_of(regions, languages=(), *, rules=None, free=(0, 0), sent=0):
    """The board of topic 9 alone; each count is (internal, external), or one for each horizon."""

    def strength(heads):
        each = heads if isinstance(heads, list) else [heads] * 4
        return Strength(tuple(Heads(*one) for one in each), Heads(*free))

    hub = catalogue()
    return Board(
        figures=Figures(
            Counts({("9", code): strength(heads) for code, heads in dict(regions).items()}),
            Counts({("9", code): strength(heads) for code, heads in dict(languages).items()}),
            {}, 0, {"9": sent}, {},
        ),
        needs=Needs.of(rules or Rules(slots={"internal": 1, "external": 2})),
        topics=[hub.find("topics", "9")],
        regions=[hub.find("regions", code) for code in ("africa", "asia")],
        languages=[hub.find(Vocabulary.LANGUAGES, code) for code in ("ar", "en")],
    )  # fmt: skip


def said(board):
    """The sentences about topic 9, for now and each horizon."""
    return [words.sentences(stage, board.needs) for stage in board.gaps.get("9", [])]


ENOUGH = {"": (2, 2), "africa": (1, 1), "asia": (1, 1)}
READERS = {"ar": (1, 1), "en": (1, 1)}


@pytest.mark.parametrize(
    ("need", "heads", "standing"),
    [
        (Need(1, 2, 4), (0, 0), S.NOBODY),
        (Need(1, 2, 4), (0, 9), S.ONE_KIND),
        (Need(1, 2, 4), (9, 0), S.ONE_KIND),
        (Need(1, 2, 4), (9, 1), S.FEW),
        (Need(1, 2, 4), (1, 2), S.FEW),
        (Need(1, 2, 4), (2, 2), S.ENOUGH),
        (Need(0, 0, 3), (0, 2), S.FEW),
        (Need(0, 0, 3), (0, 3), S.ENOUGH),
    ],
)
def test_a_need_is_met_in_number_and_in_kind(need, heads, standing):
    assert need.standing(Heads(*heads)) is standing


def test_where_nothing_lacks_there_is_no_gap(db):
    assert board_of(ENOUGH, READERS).gaps == {}


def test_languages_of_the_same_lack_stand_in_one_sentence(db):
    board = board_of(ENOUGH, {"ar": (1, 0), "en": (2, 0)})
    assert said(board) == [["No non-UN reviewer reads Arabic or English."], [], [], []]
    assert said(board_of(ENOUGH, {"en": (1, 1)}))[0] == ["Nobody reads Arabic."]


def test_a_kind_that_is_missing_altogether_is_said_once(db):
    board = board_of({"": (4, 0), "africa": (2, 0)}, {"ar": (4, 0), "en": (4, 0)})
    assert said(board)[0] == ["No non-UN reviewer can judge it.", "Nobody knows Asia."]
    assert said(board_of({}))[0] == ["Nobody can judge it."]


def test_too_few_are_counted_against_what_a_panel_needs(db):
    short = board_of({**ENOUGH, "": (3, 1)}, READERS)
    assert said(short)[0] == ["Only 1 non-UN reviewer can judge it; a panel needs 2."]
    thin = board_of({**ENOUGH, "": (1, 2)}, READERS)
    assert said(thin)[0] == ["Only 3 reviewers can judge it; a panel that disagrees needs 4."]


def test_a_gap_to_come_is_told_where_it_opens_and_not_again(db):
    later = {
        **ENOUGH,
        "": [(2, 2), (2, 2), (1, 2), (0, 2)],
        "asia": [(1, 1), (0, 0), (0, 0), (0, 0)],
    }
    assert said(board_of(later, READERS)) == [
        [],
        ["Nobody knows Asia."],
        ["Only 3 reviewers can judge it; a panel that disagrees needs 4."],
        ["No UN reviewer can judge it."],
    ]


def test_another_panel_has_other_gaps(db):
    anybody = Rules(slots={"any": 2}, tie_breakers=0, reads_language=0)
    board = board_of({"": (0, 2), "africa": (0, 1), "asia": (0, 1)}, {}, rules=anybody)
    assert board.gaps == {}
    assert words.need_words(board.needs) == "A panel has 2 seats."
    assert words.need_words(board_of({}).needs) == (
        "A panel has 3 seats. At least 1 is for UN reviewers. At least 2 are for non-UN reviewers. "
        "When it disagrees, 1 more is asked."
    )


def test_a_half_year_wants_half_the_suggestions_of_a_year_times_the_seats(db):
    (work,) = board_of(ENOUGH, READERS, free=(3, 4), sent=5).work
    assert (work.wanted, work.is_short) == (8, True)
    (work,) = board_of(ENOUGH, READERS, free=(4, 4), sent=5).work
    assert not work.is_short
