"""What a page says about itself becomes a proposal; whatever it is made of, nothing breaks."""

import json
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewhub.core.fetch import Fetched
from reviewhub.submissions.proposals import Proposals, proposals_from

ABSTRACT = "What consular posts can do for nationals abroad, step by step, with model forms."


def page(content: str | bytes, charset: str = "", media_type: str = "text/html") -> Proposals:
    """What is proposed from a page."""
    body = content.encode() if isinstance(content, str) else content
    return proposals_from(Fetched(200, "https://a.example/", media_type, charset, body))


def pdf(*, info: dict[str, str], language: str = "", xmp: dict[str, object] | None = None) -> bytes:
    """A PDF that says this of itself."""
    document = pikepdf.new()
    document.add_blank_page()
    for name, value in info.items():
        document.docinfo[f"/{name}"] = value
    if language:
        document.Root.Lang = language
    if xmp:
        with document.open_metadata() as metadata:
            for name, value in xmp.items():
                metadata[name] = value
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def test_the_names_that_scholarly_pages_use_come_first() -> None:
    assert page(f"""<html lang="en-GB"><head><title>Report | Example Press</title>
        <meta property="og:title" content="Report - share me!">
        <meta name="citation_title" content="A  report &amp; its annex">
        <meta name="citation_publisher" content="Example Press">
        <meta name="citation_publication_date" content="2024/05/31">
        <meta name="description" content="{ABSTRACT}"></head>""") == Proposals(
        title="A report & its annex",
        publisher="Example Press",
        published_on="2024-05-31",
        language="en",
        description=ABSTRACT,
    )


def test_linked_data_is_read_wherever_it_stands() -> None:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "Example"},
            {
                "@type": ["Report"],
                "headline": "A report on posts",
                "publisher": [{"@type": "Organization", "name": "Example Press"}],
                "datePublished": "2024-05-31T10:00:00Z",
                "inLanguage": {"name": "fr"},
                "description": ABSTRACT,
            },
        ],
    }
    got = page(f'<script type="application/ld+json">{json.dumps(data)}</script><p>x</p>')
    assert got == Proposals("A report on posts", "Example Press", "2024-05-31", "fr", ABSTRACT)


def test_a_plain_title_is_proposed_without_the_name_of_its_site() -> None:
    got = page('<title>A report\n on posts | Example</title>'
               '<meta property="og:site_name" content="Example">')  # fmt: skip
    assert (got.title, got.publisher) == ("A report on posts", "Example")


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("<title>Über Größe</title>".encode(), ""),
        ("<title>Über Größe</title>".encode("latin-1"), "iso-8859-1"),
        (b'<meta charset="iso-8859-1">' + "<title>Über Größe</title>".encode("latin-1"), ""),
        ("<title>Über Größe</title>".encode(), "no-such-charset"),
        ("<title>Über Größe</title>".encode("utf-16"), "utf-16"),
    ],
)
def test_a_page_is_read_in_its_own_encoding(content: bytes, charset: str) -> None:
    assert page(content, charset).title == "Über Größe"


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="citation_title" content="abc">',
        '<meta name="dc.date" content="in the spring">',
        '<meta name="dc.date" content="1066-10-14">',
        '<meta name="dc.date" content="2024-13-45">',
        '<meta name="dc.language" content="English">',
        '<meta name="description" content="Too short to be of use.">',
        '<script type="application/ld+json">{"headline": {"a": [1]}, "datePublished": 7}</script>',
        '<script type="application/ld+json">{nonsense</script>',
        '<script type="application/ld+json">' + "[" * 9000 + "</script>",
    ],
)
def test_what_the_form_would_refuse_is_not_proposed(meta: str) -> None:
    assert page(f"<head>{meta}</head><p>x</p>").found() == {}


def test_a_title_that_is_too_long_is_cut() -> None:
    assert len(page(f"<title>{'word ' * 200}</title>").title) <= 300


def test_other_kinds_of_file_propose_nothing() -> None:
    assert page("<title>A report</title>", media_type="text/plain").found() == {}
    assert page(b"PK\x03\x04", media_type="application/zip").found() == {}


def test_nothing_outside_the_page_is_read() -> None:
    got = page(
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><title>A &x; title</title>'
    )
    assert "root" not in got.title


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "x", "utf-7", "rot13"]))
def test_no_page_breaks_us(content: bytes, charset: str) -> None:
    for body in (content, b"<html><head>" + content, b"<meta content='" + content):
        page(body, charset)


def test_a_pdf_says_who_it_is() -> None:
    content = pdf(
        info={"Title": "A report on posts", "CreationDate": "D:20240531120000Z"}, language="fr-FR"
    )
    got = page(content, media_type="application/pdf")
    assert (got.title, got.published_on, got.language) == ("A report on posts", "2024-05-31", "fr")


def test_what_a_pdf_says_in_xmp_counts_for_more() -> None:
    xmp = {"dc:title": "The true title", "dc:publisher": {"Example Press"}}
    content = pdf(info={"Title": "Microsoft Word - draft.doc"}, xmp=xmp)
    got = page(content, media_type="application/octet-stream")
    assert (got.title, got.publisher) == ("The true title", "Example Press")


@pytest.mark.parametrize("title", ["Microsoft Word - final.docx", "untitled", "report_v3.pdf"])
def test_what_a_program_wrote_is_no_title(title: str) -> None:
    assert page(pdf(info={"Title": title}), media_type="application/pdf").title == ""


@given(st.integers(0, 900), st.binary(max_size=20))
def test_no_file_breaks_us(at: int, noise: bytes) -> None:
    content = pdf(info={"Title": "A report on posts"})
    page(content[:at] + noise + content[at + len(noise) :], media_type="application/pdf")
    page(content[:at], media_type="application/pdf")
