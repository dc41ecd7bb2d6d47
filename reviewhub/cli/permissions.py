"""docs/permissions.md, drawn from the routes: which page is for whom, and what each policy says."""

from collections.abc import Iterator

from flask import Flask

from reviewhub.accounts.access import BY_OBJECT, PUBLIC, SIGNED_IN
from reviewhub.accounts.roles import Role
from reviewhub.app import BLUEPRINTS

DOORS = {
    PUBLIC: "everybody",
    SIGNED_IN: "whoever is signed in",
    BY_OBJECT: "whoever the policy names for the thing it is about",
}
# What the policies decide where a route leaves it to them, by the beginning of the address.
POLICIES = {
    "/submissions/": (
        "Submissions",
        "The submitter, signed in or with the mailed link. Once it is sent also editors,"
        " administrators and auditors, who read; an editor acts, unless they suggested it,"
        " reviewed it or declared a conflict. To everybody else it does not exist.",
    ),
    "/suggest/": ("Drafts", "The author alone, until the suggestion is sent."),
    "/assignments/": (
        "Assignments",
        "The reviewer who was asked, signed in or with the mailed link. The whole item opens with"
        " the declaration that there is no conflict; the other reviews open with one's own."
        " To everybody else it does not exist.",
    ),
    "/roster/applications/": (
        "Roster applications",
        "The applicant, signed in or with the mailed link, and those of the roster's staff who"
        " read; a roster manager decides, unless they are the applicant or too close to them.",
    ),
    "/roster/": (
        "Members",
        "The member, signed in or with the link of their application, and the roster's staff who"
        " read; the member and roster managers change.",
    ),
}


def permissions() -> str:
    """Every address with its methods and who may come in, in Markdown."""
    parts = [
        "# Who may see and do what",
        "",
        "Drawn from the code by `reviewhub docs`; do not edit by hand. Every route declares who",
        "may come in, else the application does not start. Where it depends on the thing that the",
        "page is about, a policy decides; which verbs are open to whom in which state is drawn in",
        "[workflows.md](workflows.md).",
        "",
        "## Policies",
        "",
        *(f"- **{title}** (`{start}…`): {words}" for start, (title, words) in POLICIES.items()),
        "- **What staff do not see**: whoever suggested an item, reviews it or has a conflict with",
        "  it sees neither its panel, reviews, mails and notes, nor a decision whose mail is held.",
        "",
        "## Addresses",
        "",
        "| address | methods | who |",
        "|---|---|---|",
    ]
    return "\n".join([*parts, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    app = Flask("reviewhub")  # only routes are wanted, and one process has one application
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for route in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        view = app.view_functions[route.endpoint]
        methods = ", ".join(sorted((route.methods or set()) - {"HEAD", "OPTIONS"}))
        who = _who(getattr(view, "allowed", frozenset({PUBLIC})), route.rule)
        yield f"| `{route.rule}` | {methods} | {who} |"


def _who(allowed: frozenset[object], address: str) -> str:
    if BY_OBJECT in allowed:
        found = (title for start, (title, _words) in POLICIES.items() if address.startswith(start))
        title = next(found, "")
        return f"by policy: {title}" if title else DOORS[BY_OBJECT]
    doors = [words for door, words in DOORS.items() if door in allowed]
    return ", ".join([*doors, *(role.value.replace("_", " ") for role in Role if role in allowed)])
