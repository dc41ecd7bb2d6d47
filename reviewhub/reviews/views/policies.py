"""The review policy: the rules in force, their versions, and changing what most hubs change."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.reviews import operations, queries
from reviewhub.reviews.forms import PolicyForm
from reviewhub.reviews.policy_words import difference, remarks, said
from reviewhub.reviews.views.blueprint import bp
from reviewhub.taxonomy.queries import catalogue

MAKERS = (Role.EDITOR, Role.ADMIN)


@bp.get("/desk/policy")
@allow(*MAKERS, Role.AUDITOR)
def policies() -> str:
    """The rules in force in words, and every version with what it changed."""
    found = queries.policies()
    before = [older.rules for older, _person, _open in found[1:]]
    changes = [
        difference(old, version.rules)
        for (version, _person, _open), old in zip(found, before, strict=False)
    ]
    changes += [[]] * (len(found) - len(changes))
    return render_template(
        "reviews/policies.html",
        rules=said(catalogue().policy),
        versions=list(zip(found, changes, strict=True)),
        may_change=bool(set(MAKERS) & actor().roles),
    )


@bp.route("/desk/policy/change", methods=["GET", "POST"])
@allow(*MAKERS)
def change_policy() -> str | Response:
    """Change the rules: first what would differ, then a new version."""
    now = dict(catalogue().policy)
    form = PolicyForm(data=PolicyForm.values(now))
    wanted: list[tuple[str, str, str]] = []
    if form.was_sent_and_is_valid():
        try:
            wanted = difference(now, {**now, **form.changes(now)})
            if form.confirms(wanted):
                person_id = actor().person_id
                assert person_id is not None  # the guard lets nobody else in
                operations.change_policy(form.changes(now), by=person_id)
                db.session.commit()
                flash(_("The new rules hold for every review that starts from now on."), "success")
                return redirect(url_for("reviews.policies"))
            operations.policies.check(form.changes(now))
            form.show(wanted)
        except InvalidInput as error:
            db.session.rollback()
            wanted = []
            form.refuse(error)
    return render_template(
        "reviews/change_policy.html",
        form=form,
        wanted=wanted,
        sent=form.is_submitted(),
        open_items=queries.open_under_rules(),
        remarks=remarks(now, {**now, **form.changes(now)}, editors=queries.editors())
        if wanted
        else [],
    )
