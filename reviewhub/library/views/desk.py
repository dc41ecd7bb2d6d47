"""An editor's pages about one resource, and publishing an approved submission now."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _, get_locale
from reviewhub.library import entries, operations, queries
from reviewhub.library.forms import ArchiveForm, CorrectForm, EmptyForm, ReasonForm
from reviewhub.library.models import Resource
from reviewhub.library.policy import may_change
from reviewhub.library.views import bp
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import may_see, roles_towards
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

Answer = Response | str


@bp.route("/submissions/<ref>/publish", methods=["GET", "POST"])
@allow(Role.EDITOR)
def publish(ref: str) -> Answer:
    """Put an approved submission into the library now."""
    submission = _for_editor(ref)
    if submission.state != State.APPROVED:
        raise WrongState(_("Only what is approved and not yet published can be published."))
    form = EmptyForm()
    if not form.was_sent_and_is_valid():
        return render_template("library/publish.html", form=form, submission=submission)
    resource = operations.publish(submission, by=actor())
    db.session.commit()
    flash(_("Published. Whoever suggested it gets a mail with this address."), "success")
    return _to(resource)


@bp.route("/resources/<slug>/correct", methods=["GET", "POST"])
@allow(Role.EDITOR)
def correct(slug: str) -> Answer:
    """Change public fields; the difference stays on the page."""
    resource = _changeable(slug)
    hub, form = catalogue(), CorrectForm()
    form.offer(hub, str(get_locale()))
    if form.was_sent_and_is_valid():
        try:
            edition = operations.correct(
                resource, by=actor(), changes=form.changes(), note=form.note.data
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("Corrected.") if edition else _("Nothing was changed."), "success")
            return _to(resource)
    elif not form.is_submitted():
        form.fill(entries.of_resource(resource), hub)
    return render_template("library/correct.html", form=form, resource=resource)


@bp.post("/resources/<slug>/look_over")
@allow(Role.EDITOR)
def look_over(slug: str) -> Answer:
    """It still holds: the next look is due as many months from now as the policy says."""
    resource, form = _changeable(slug), EmptyForm()
    if form.was_sent_and_is_valid():
        operations.look_over(resource, by=actor())
        db.session.commit()
        flash(_("Looked over. The next look is due on the date that stands there now."), "success")
    return _to(resource)


@bp.route("/resources/<slug>/archive", methods=["GET", "POST"])
@allow(Role.EDITOR)
def archive(slug: str) -> Answer:
    """Keep it at its address, but no longer list it."""
    resource, form = _changeable(slug), ArchiveForm()
    if not form.was_sent_and_is_valid():
        return render_template("library/archive.html", form=form, resource=resource)
    operations.archive(resource, by=actor(), note=form.note.data)
    db.session.commit()
    flash(_("Archived: it is no longer listed."), "success")
    return _to(resource)


@bp.route("/resources/<slug>/restore", methods=["GET", "POST"])
@allow(Role.EDITOR)
def restore(slug: str) -> Answer:
    """List it again."""
    resource, form = _changeable(slug), EmptyForm()
    if not form.was_sent_and_is_valid():
        return render_template("library/restore.html", form=form, resource=resource)
    operations.restore(resource, by=actor())
    db.session.commit()
    flash(_("It is listed again."), "success")
    return _to(resource)


@bp.route("/resources/<slug>/remove", methods=["GET", "POST"])
@allow(Role.EDITOR)
def remove(slug: str) -> Answer:
    """Take it out for good; reason and date stay."""
    resource, form = _changeable(slug), ReasonForm()
    if not form.was_sent_and_is_valid():
        return render_template("library/remove.html", form=form, resource=resource)
    operations.remove(resource, by=actor(), reason=form.note.data)
    db.session.commit()
    flash(_("Removed. The reason stands at its address."), "success")
    return _to(resource)


def _for_editor(ref: str) -> Submission:
    submission = submissions.by_ref(ref)
    if not may_see(actor(), submission):
        raise NotFound(_("There is no such suggestion, or it is not for this account."))
    if Role.EDITOR not in roles_towards(actor(), submission):
        raise NotAllowed(_("You are part of this item, so another editor has to publish it."))
    return submission


def _changeable(slug: str) -> Resource:
    resource = queries.by_slug(slug)
    if not may_change(actor(), queries.submitter_id(resource)):
        raise NotAllowed(_("You suggested this resource, so another editor has to change it."))
    if resource.state == ResourceState.REMOVED:
        raise WrongState(_("This resource was removed for good."))
    return resource


def _to(resource: Resource) -> Response:
    return redirect(url_for("library.resource", slug=resource.slug))
