"""What members add to their profile, and the public list of those who agreed to stand in it."""

from flask import Response as Answer
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, PUBLIC, actor, allow, link_key
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _, get_locale, ngettext
from reviewhub.core.text import clean_line
from reviewhub.roster import policy, references
from reviewhub.roster.introductions import SECTOR_LABELS
from reviewhub.roster.models import Membership
from reviewhub.roster.operations import introductions as operations
from reviewhub.roster.profile_forms import IntroductionForm, ReferencesForm
from reviewhub.roster.queries import experts as queries
from reviewhub.roster.references import MOST_CHARACTERS, Reading
from reviewhub.roster.views.blueprint import bp
from reviewhub.roster.views.loading import load_membership
from reviewhub.taxonomy.queries import catalogue

METHODS = ["GET", "POST"]


@bp.get("/experts")
@allow(PUBLIC)
def experts() -> Answer:
    """The members who agreed to be found. It is read anew each time, and kept by no cache and no
    search engine: who withdraws is gone at the next request, here and elsewhere."""
    if not queries.is_open():
        raise NotFound(_("This hub has no public list of experts."))
    hub, wanted = catalogue(), _wanted()
    found = queries.listed(wanted, place=_place())
    answer = make_response(
        render_template(
            "roster/experts.html",
            experts=found.experts,
            following=found.following,
            is_start=_place() is None,
            wanted=wanted,
            vocabularies={
                "topic": hub.vocabulary("topics"),
                "region": hub.sorted_terms("regions", get_locale()),
                "language": hub.sorted_terms("languages", get_locale()),
            },
            sector_labels=SECTOR_LABELS,
        )
    )
    answer.headers["X-Robots-Tag"] = "noindex, noarchive"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/roster/members/<int:membership_id>/introduce", methods=METHODS)
@allow(BY_OBJECT)
def introduce(membership_id: int) -> str | Response:
    """What others read of a member; the consent to be listed is the member's alone."""
    membership = load_membership(membership_id)
    yours = _require_change(membership)
    form = IntroductionForm(
        data={
            "statement": membership.statement,
            "languages_written": membership.languages_written,
            "sector": membership.sector,
            "orcid": membership.orcid,
            "list_publicly": membership.list_publicly,
        }
    )
    if not yours or not queries.is_open():
        del form.list_publicly
    if form.was_sent_and_is_valid():
        try:
            operations.introduce(membership, form.introduction(), by=actor())
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("The profile is saved."), "success")
            return _home(membership, yours=yours)
    return render_template("roster/introduce.html", membership=membership, form=form, yours=yours)


@bp.route("/roster/members/<int:membership_id>/publications", methods=METHODS)
@allow(BY_OBJECT)
def publications(membership_id: int) -> str | Response:
    """A member's publications; a pasted list is shown before anything of it is kept."""
    membership = load_membership(membership_id)
    yours = _require_change(membership)
    form = ReferencesForm()
    reading = None
    if form.was_sent_and_is_valid():
        try:
            pasted = _pasted(form)
            reading = references.read(pasted)
            if "add" in request.form:
                return _added(membership, reading)
            form.text.data = pasted
        except InvalidInput as error:
            form.refuse(error)
            reading = None
    return render_template(
        "roster/publications.html",
        membership=membership,
        publications=queries.publications_of(membership.id),
        form=form,
        reading=reading,
        yours=yours,
    )


@bp.post("/roster/members/<int:membership_id>/publications/<int:publication_id>/remove")
@allow(BY_OBJECT)
def remove_publication(membership_id: int, publication_id: int) -> Response:
    """Take a publication out of the profile."""
    membership = load_membership(membership_id)
    _require_change(membership)
    operations.remove_publication(membership, publication_id, by=actor())
    db.session.commit()
    flash(_("It is taken away."), "success")
    return _list_of(membership)


def _added(membership: Membership, reading: Reading) -> Response:
    number = operations.add_publications(membership, reading.works, by=actor())
    db.session.commit()
    flash(
        ngettext("%(num)d publication was added.", "%(num)d publications were added.", number),
        "success",
    )
    return _list_of(membership)


def _pasted(form: ReferencesForm) -> str:
    """What was pasted, or what stands in the file. Raises InvalidInput for neither."""
    upload = form.file.data
    if upload and upload.filename:
        content: bytes = upload.read(MOST_CHARACTERS + 1)
        if len(content) > MOST_CHARACTERS:
            raise InvalidInput(_("The file is too large: 200 KB at most."), field="file")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("latin-1")  # every byte is a letter there
    if not form.text.data:
        raise InvalidInput(_("Paste a list, or choose a file."), field="text")
    return str(form.text.data)


def _require_change(membership: Membership) -> bool:
    """Whether it is the member's own. Raises what the operation would, before a form is shown."""
    roles = policy.roles_of_member(actor(), membership)
    if not roles:
        raise NotAllowed(_("Only the member or a roster manager can do this."))
    if membership.ended_at is not None:
        raise WrongState(_("This membership has ended, so its profile rests."))
    return Role.MEMBER in roles


def _wanted() -> queries.ExpertFilter:
    """The filter of the address; what the hub does not know narrows nothing."""
    hub = catalogue()
    vocabularies = {"topic": "topics", "region": "regions", "language": "languages"}
    given = {name: request.args.get(name, "") for name in vocabularies}
    known = {
        name: code
        for name, code in given.items()
        if code and hub.find(vocabularies[name], code) is not None
    }
    return queries.ExpertFilter(**known)


def _place() -> queries.Place | None:
    name = clean_line(request.args.get("from", ""))[:200]
    behind = request.args.get("behind", default=1, type=int)
    return queries.Place(name, min(max(behind, 0), 10_000)) if name else None


def _home(membership: Membership, *, yours: bool) -> Response:
    if yours:
        return redirect(url_for(".me", key=link_key() or None))
    return redirect(url_for(".member", membership_id=membership.id))


def _list_of(membership: Membership) -> Response:
    return redirect(url_for(".publications", membership_id=membership.id, key=link_key() or None))
