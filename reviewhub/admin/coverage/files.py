"""The coverage board as lines of a file: one for each topic as a whole, and for each region of it.

Nothing of a single person, and nothing of gender, which is told on the page alone.
"""

from collections.abc import Iterator

from reviewhub.admin.coverage.board import NOW, Board
from reviewhub.admin.coverage.figures import ALL
from reviewhub.admin.coverage.words import STANDINGS, kind_label, sentences
from reviewhub.core.i18n import _, get_locale
from reviewhub.reviews.workflow import Slot


def header(board: Board) -> list[str]:
    """The names of the columns."""
    locale = get_locale()
    kinds = [kind_label(Slot.INTERNAL), kind_label(Slot.EXTERNAL)]
    return [
        _("Topic"), _("Region"), *kinds, _("Standing"),
        *(
            _("Reads %(language)s: %(kind)s", language=term.label(locale).text, kind=kind)
            for term in board.languages
            for kind in kinds
        ),
        _("Suggestions in 12 months"), _("Reviews wanted in a half-year"),
        *(_("Reviews free in this half-year: %(kind)s", kind=kind) for kind in kinds),
        _("Lacking now"),
    ]  # fmt: skip


def rows(board: Board) -> Iterator[list[object]]:
    """The lines, in the order of the page; what belongs to the whole topic stands in its first."""
    locale = get_locale()
    regions = {term.code: term.label(locale).text for term in board.regions}
    for term, work in zip(board.topics, board.work, strict=True):
        for cell in board.by_region(term.code):
            line: list[object] = [
                term.label(locale).text, regions.get(cell.code, ""),
                cell.heads.internal, cell.heads.external, str(STANDINGS[cell.standing]),
            ]  # fmt: skip
            if cell.code == ALL:
                for spoken in board.by_language(term.code):
                    line += spoken.heads
                stages = board.gaps.get(term.code, [[]])
                line += [work.sent, work.wanted, *work.free]
                line += [" ".join(sentences(stages[NOW], board.needs))]
            yield line + [""] * (10 + 2 * len(board.languages) - len(line))
