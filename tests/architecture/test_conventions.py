"""The conventions that make things findable, as tests."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, UniqueConstraint

from reviewhub.cli.docs import DRAWN, MACHINES
from reviewhub.core.celery import celery_of
from reviewhub.core.db import Model
from reviewhub.core.workflow import Transition, Workflow
from reviewhub.library.workflow import ResourceWorkflow
from reviewhub.notifications.outbox import DIGEST
from reviewhub.reviews.workflow import AssignmentWorkflow
from reviewhub.roster.workflow import ApplicationWorkflow, MembershipWorkflow
from reviewhub.schedule import BEAT
from reviewhub.submissions.workflow import SubmissionWorkflow

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "reviewhub"
PAGES = PACKAGE / "templates"
MOST_LINES = 400

# Where the verbs of a machine live: the uppermost package that they touch.
HOMES: dict[type[Workflow], tuple[str, ...]] = {
    SubmissionWorkflow: ("submissions", "reviews", "library"),
    AssignmentWorkflow: ("reviews",),
    ApplicationWorkflow: ("roster",),
    MembershipWorkflow: ("roster",),
    ResourceWorkflow: ("library",),
}
VERBS = [(machine, verb) for machine in HOMES for verb in machine.transitions()]


def sources(pattern: str = "**/*.py") -> Iterator[Path]:
    return (path for path in sorted(PACKAGE.glob(pattern)) if "versions" not in path.parts)


def test_every_machine_has_a_home() -> None:
    assert {machine for _title, machine in MACHINES} == set(HOMES)


@pytest.mark.parametrize(
    ("machine", "verb"), VERBS, ids=[f"{m.__name__}.{t.name}" for m, t in VERBS]
)
def test_a_verb_has_an_operation_of_its_name(machine: type[Workflow], verb: Transition) -> None:
    homes = [importlib.import_module(f"reviewhub.{name}.operations") for name in HOMES[machine]]
    assert any(callable(getattr(home, verb.name, None)) for home in homes), (
        f"{verb.name} is drawn in {machine.__name__}, but no operations module has it"
    )


@pytest.mark.parametrize("name", DRAWN)
def test_the_drawn_pages_are_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == DRAWN[name](), (
        "run `reviewhub docs`"
    )


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources()
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


@pytest.mark.lasting
def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def operations() -> list[Path]:
    return [*sources("*/operations.py"), *sources("*/operations/*.py"), *sources("*/emails.py")]


def views() -> list[Path]:
    return [*sources("*/views.py"), *sources("*/views/*.py")]


def test_there_are_operations_and_views_to_look_at() -> None:
    assert len(operations()) > 10
    assert len(views()) > 5


@pytest.mark.parametrize("path", operations(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_operations_never_commit(path: Path) -> None:
    assert "db.session.commit" not in list(calls(path))


@pytest.mark.parametrize("path", views(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_views_hold_no_queries(path: Path) -> None:
    found = [name for name in calls(path) if name.endswith(("select", "session.execute"))]
    assert found == []


@pytest.mark.lasting
def test_a_state_moves_only_through_its_workflow() -> None:
    moved = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            moved += [
                f"{path.relative_to(PACKAGE)}:{node.lineno}"
                for target in targets
                if isinstance(target, ast.Attribute) and target.attr == "state"
            ]
    # Mails and jobs are no workflow: their states are a queue's.
    allowed = ("notifications/", "jobs/", "demo/")
    assert [place for place in moved if not place.startswith(allowed)] == []


def test_every_periodic_task_exists_and_every_task_is_periodic(app: Flask) -> None:
    registered = {name for name in celery_of(app).tasks if not name.startswith("celery.")}
    assert registered == set(BEAT)


def told() -> set[str]:
    """Every event that some code tells, as package/verb."""
    events = {DIGEST}  # written by hand, out of what others told
    for path in sources():
        package = path.relative_to(PACKAGE).parts[0]
        text = path.read_text(encoding="utf-8")
        events |= set(re.findall(r'tell\(\s*f?"([a-z_]+/[a-z_]+)"', text))
        if path.name.endswith("emails.py") or "emails" in path.parts:
            for call in re.findall(r'tell\w*\(\s*"([a-z_]+)"', text):
                events.add(f"{package}/{call}")
    return events


def test_every_mail_that_is_told_has_a_template_and_the_reverse() -> None:
    written = {
        str(path.relative_to(PAGES / "email").with_suffix(""))
        for path in (PAGES / "email").glob("*/*.txt")
    }
    assert told() == written


def test_no_mail_ends_a_line_in_a_block() -> None:
    """Jinja drops the line break after a block, and with it the paragraph or the button."""
    swallowed = [
        f"{path.relative_to(PAGES)}: {line}"
        for path in (PAGES / "email").glob("*/*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\S.*\{% (endif|endfor) %\}$", line)
    ]
    assert swallowed == []


WORDS_OF_A_HUB = re.compile(r"\b(GCM|UN|Kosovo|Global Compact)\b")


def test_no_code_knows_the_words_of_a_hub() -> None:
    spoken = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in [*sources(), *PAGES.rglob("*.html"), *PAGES.rglob("*.txt")]
        if "demo" not in path.parts
        for match in WORDS_OF_A_HUB.finditer(path.read_text(encoding="utf-8"))
    ]
    assert spoken == []


def test_no_template_carries_a_style_or_a_script_of_its_own() -> None:
    inline = [
        str(path.relative_to(PAGES))
        for path in PAGES.rglob("*.html")
        if path.parent.name != "email"
        and re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=", path.read_text("utf-8"))
    ]
    assert inline == []


def named_rules() -> set[str]:
    """Every rule that a table holds by itself, by its name; enums and plain keys aside."""
    names = set()
    for table in Model.metadata.tables.values():
        for constraint in table.constraints:
            name = str(constraint.name or "")
            is_enum = getattr(constraint, "_type_bound", False)
            if isinstance(constraint, CheckConstraint | UniqueConstraint) and not is_enum:
                names.add(name)
        names |= {str(index.name) for index in table.indexes if index.unique}
    return names


@pytest.mark.lasting
def test_every_rule_of_the_database_has_a_test_that_provokes_it() -> None:
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("test_*.py")
        if path != Path(__file__)
    )
    # A test may name the rule in full, or as the model does, without its table.
    silent = {
        name
        for name in named_rules()
        if name not in tests and not re.search(rf"[\"']{_short(name)}[\"']", tests)
    }
    assert silent == set()


def _short(name: str) -> str:
    table = max((t for t in Model.metadata.tables if f"_{t}_" in name), key=len, default="")
    return re.escape(name.split(f"_{table}_", 1)[-1]) if table else re.escape(name)
