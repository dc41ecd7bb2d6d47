"""Suggesting over a slow line that breaks, without JavaScript: only the file is sent again."""

import os
import time
from hashlib import sha256

import pytest
import sqlalchemy as sa

from reviewhub.submissions.models import Submission, SubmissionFile
from reviewhub.submissions.workflow import State
from tests.journeys.conftest import Hub
from tests.journeys.slowline import SlowLine
from tests.pages.chromium import chromium

pytestmark = pytest.mark.slow

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
WHY = "It is the only book about posts that a ship reaches twice a year."


def test_a_cut_at_60_percent_of_a_file_costs_that_file_and_no_answer(hub: Hub, tmp_path) -> None:
    content = PDF + os.urandom(500_000)
    book = tmp_path / "book.pdf"
    book.write_bytes(content)
    began = time.monotonic()
    with (
        SlowLine(hub.stack.base_url, bits=400_000, latency=0.4) as line,
        chromium() as browser,
        browser.new_context(base_url=line.base_url, java_script_enabled=False) as window,
    ):
        window.set_default_timeout(60_000)
        page = window.new_page()
        page.goto("/suggest")
        page.fill("#title", "The book of remote posts")
        page.select_option("#language", "en")
        page.fill("#why_useful", WHY)
        page.select_option("#main_topic", "14")
        page.fill("#email", "far@away.example")
        page.click("text=Save the answers and add a file")
        assert "Your answers are kept" in page.inner_text("main")

        here = page.url
        line.break_after(len(content) * 6 // 10)
        page.set_input_files("#file", book)
        page.click("text=Send this file", no_wait_after=True)
        while not line.is_broken:
            page.wait_for_timeout(200)

        page.close()
        line.mend()
        page = window.new_page()
        page.goto(here)
        page.click("text=Back to the answers")
        assert page.input_value("#title") == "The book of remote posts"
        assert page.input_value("#why_useful") == WHY
        page.click("text=Save the answers and add a file")
        page.set_input_files("#file", book)
        page.click("text=Send this file")
        assert "“book.pdf” has arrived." in page.inner_text("body")
        page.click("text=Back to the answers")
        page.check("#consent")
        page.click("main button:text-is('Send')")
        assert "One step left" in page.inner_text("main")
        page.goto(hub.stack.link("far@away.example", "submissions/confirm"))
        page.click("main form button")
    assert time.monotonic() - began > 1.6 * len(content) / 50_000, "the line was no slow one"

    with hub.stack.session() as session:
        sent = session.scalars(
            sa.select(Submission).where(Submission.title == "The book of remote posts")
        ).one()
        assert sent.state is State.SUBMITTED
        assert sent.why_useful == WHY
        file = session.scalars(
            sa.select(SubmissionFile).where(SubmissionFile.submission_id == sent.id)
        ).one()
        arrived = (hub.stack.var / "uploads" / file.path).read_bytes()
    assert sha256(arrived).hexdigest() == sha256(content).hexdigest() == file.sha256
