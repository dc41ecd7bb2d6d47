"""Pages by key."""

from reviewhub.core.pagination import Page


def _page(rows: list[int], *, started: bool) -> Page[int]:
    return Page.cut(rows, 2, lambda row: row, started=started)


def test_a_first_page_leads_on_when_there_is_more() -> None:
    page = _page([1, 2, 3], started=False)
    assert (list(page.rows), page.after, page.before) == ([1, 2], "2", "")


def test_a_middle_page_leads_both_ways() -> None:
    page = _page([3, 4, 5], started=True)
    assert (list(page.rows), page.after, page.before) == ([3, 4], "4", "3")


def test_a_last_page_leads_back_only_even_where_it_is_full() -> None:
    page = _page([5, 6], started=True)
    assert (list(page.rows), page.after, page.before) == ([5, 6], "", "5")


def test_an_empty_page_leads_nowhere() -> None:
    assert _page([], started=True) == Page([])
