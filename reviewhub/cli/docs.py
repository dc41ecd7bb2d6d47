"""`reviewhub docs`: writes the pages of docs/ that are drawn from the code."""

from collections.abc import Callable
from pathlib import Path

import click

from reviewhub.admin import history
from reviewhub.admin.waiting import WAITS
from reviewhub.cli.permissions import permissions
from reviewhub.core import providers
from reviewhub.core.config import SECRETS, Settings, variable_of
from reviewhub.core.workflow import Workflow
from reviewhub.library.workflow import ResourceWorkflow
from reviewhub.notifications.kinds import HOW_LABELS, KINDS
from reviewhub.notifications.mails import Mail
from reviewhub.notifications.mails import mails as every_mail
from reviewhub.notifications.outbox import DIGEST
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
NOT_FROM_OUTSIDE = ("testing", "oidc")


def register(group: click.Group) -> None:
    """Add the command."""
    group.add_command(docs)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("docs"))
def docs(folder: Path) -> None:
    """Write the pages that are drawn from the code anew."""
    for name, draw in DRAWN.items():
        (folder / name).write_text(draw(), encoding="utf-8")
        click.echo(f"{folder / name}")


def workflows() -> str:
    """Every state machine as a diagram and a table, in Markdown."""
    parts = ["# Workflows", "", "Drawn from the code by `reviewhub docs`; do not edit by hand."]
    for title, machine in MACHINES:
        drawing = ["```mermaid", machine.mermaid(), "```"]
        parts += ["", f"## {title}", "", *drawing, "", *_table(machine)]
    parts += ["", "## Who is waited for, and until when", "", *_waits()]
    return "\n".join(parts) + "\n"


def _waits() -> list[str]:
    """Every state in which something waits; `reviewhub check` finds what waits there for nobody."""
    named = [(one.name, one.words) for one in WAITS]
    rows = ["| waits | for | until | then |", "|---|---|---|---|"]
    return rows + [f"| {name} | {of.who} | {of.until} | {of.late} |" for name, of in named]


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
        "environment. `…_FILE` may name a file that holds the value of one of these instead:",
        f"{', '.join(f'`{name}`' for name in SECRETS)}.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        if name in NOT_FROM_OUTSIDE:
            continue
        variable = variable_of(name, field.validation_alias)
        parts.append(f"| `{variable}` | `{field.default}` | {field.description} |")
    return "\n".join([*parts, *_providers()]) + "\n"


def _providers() -> list[str]:
    """The variables of each provider that people may sign in with."""
    return [
        "",
        "## Providers to sign in with",
        "",
        "For each name in `REVIEWHUB_OIDC_PROVIDERS`, with the name in capitals in place of `…`.",
        "`…_CLIENT_SECRET_FILE` may name a file instead. [operating.md](operating.md) shows how.",
        "",
        "| variable | default | what it is |",
        "|---|---|---|",
        *(f"| `{name}` | `{default}` | {told} |" for name, default, told in providers.variables()),
    ]


def mails() -> str:
    """Every mail: to whom, when, and whether it can wait; then every step and what it tells."""
    parts = [
        "# Mails",
        "",
        "Drawn from the code by `reviewhub docs`; do not edit by hand.",
        "",
        "A mail **at once** is part of what its reader began or has to do, and nobody can turn it",
        "off. The others come as each person chooses: at once, in one mail a day, or not at all;",
        "the table says how they come to whoever chose nothing. A notice on the pages is there in",
        "any case.",
        "",
        "| mail | to whom, and what | after | comes |",
        "|---|---|---|---|",
        *(_mail(one) for _event, one in sorted(every_mail().items())),
        "",
        "## What each step tells",
        "",
        "| of | step | mails |",
        "|---|---|---|",
    ]
    for (kind, verb), events in steps().items():
        parts.append(f"| {kind} | {verb} | {', '.join(events) or 'nobody'} |")
    return "\n".join(parts) + "\n"


def steps() -> dict[tuple[str, str], list[str]]:
    """Every step that is known, as kind of object and verb, with the mails that it tells."""
    told: dict[tuple[str, str], list[str]] = {step: [] for step in history.WORDS}
    for one in every_mail().values():
        for step in one.after:
            told.setdefault(step, []).append(one.event)
    return dict(sorted(told.items()))


def _mail(one: Mail) -> str:
    causes = [f"{kind}: {verb}" for kind, verb in one.after]
    if one.when:
        causes.append(str(one.when))
    comes = "in the morning of a working day" if one.event == DIGEST else "at once"
    if one.can_wait:
        words = KINDS[one.can_wait]
        comes = f"{HOW_LABELS[words.usual]}, can wait ({words.label})"
    return f"| {one.event} | {one.to} | {'; '.join(causes)} | {comes} |"


DRAWN: dict[str, Callable[[], str]] = {
    "workflows.md": workflows,
    "settings.md": settings,
    "permissions.md": permissions,
    "mails.md": mails,
}
