"""`reviewhub docs`: writes the pages of docs/ that are drawn from the code."""

from collections.abc import Callable
from pathlib import Path

import click

from reviewhub.cli.permissions import permissions
from reviewhub.core.config import Settings
from reviewhub.core.workflow import Workflow
from reviewhub.library.workflow import ResourceWorkflow
from reviewhub.reviews.workflow import AssignmentWorkflow
from reviewhub.roster.workflow import ApplicationWorkflow, MembershipWorkflow
from reviewhub.submissions.workflow import SubmissionWorkflow

MACHINES: tuple[tuple[str, type[Workflow]], ...] = (
    ("Submission", SubmissionWorkflow),
    ("Resource", ResourceWorkflow),
    ("Assignment", AssignmentWorkflow),
    ("Roster application", ApplicationWorkflow),
    ("Roster membership", MembershipWorkflow),
)


def register(group: click.Group) -> None:
    """Add the command."""
    group.add_command(docs)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("docs"))
def docs(folder: Path) -> None:
    """Write workflows.md, settings.md and permissions.md anew."""
    for name, draw in DRAWN.items():
        (folder / name).write_text(draw(), encoding="utf-8")
        click.echo(f"{folder / name}")


def workflows() -> str:
    """Every state machine as a diagram and a table, in Markdown."""
    parts = ["# Workflows", "", "Drawn from the code by `reviewhub docs`; do not edit by hand."]
    for title, machine in MACHINES:
        drawing = ["```mermaid", machine.mermaid(), "```"]
        parts += ["", f"## {title}", "", *drawing, "", *_table(machine)]
    return "\n".join(parts) + "\n"


def _table(machine: type[Workflow]) -> list[str]:
    rows = ["| verb | from | to | by |", "|---|---|---|---|"]
    for transition, arrow in machine.arrows():
        sources = ", ".join(sorted(arrow.from_))
        rows.append(
            f"| {transition.name} | {sources} | {arrow.to} | {', '.join(sorted(arrow.by))} |"
        )
    return rows


def settings() -> str:
    """Every setting, its variable, its default and what it is for, in Markdown."""
    parts = [
        "# Settings",
        "",
        "Drawn from the code by `reviewhub docs`; do not edit by hand. All come from the",
        "environment. `SECRET_KEY_FILE`, `DATABASE_URL_FILE`, `REDIS_URL_FILE` and `SMTP_URL_FILE`",
        "may name a file that holds the value instead.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        if name == "testing":
            continue
        variable = _variable(name, field.validation_alias)
        parts.append(f"| `{variable}` | `{field.default}` | {field.description} |")
    return "\n".join(parts) + "\n"


def _variable(name: str, alias: object) -> str:
    choices = getattr(alias, "choices", None)
    return str(choices[0]) if choices else f"REVIEWHUB_{name.upper()}"


DRAWN: dict[str, Callable[[], str]] = {
    "workflows.md": workflows,
    "settings.md": settings,
    "permissions.md": permissions,
}
