"""A member's own page, the managers' list of members, and the verbs of a membership."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key, viewer
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Organisation, Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean_line
from reviewhub.roster import operations as verbs
from reviewhub.roster import policy
from reviewhub.roster.forms import EndForm, PauseForm, ProfileForm, topic_lines
from reviewhub.roster.models import Absence, Membership
from reviewhub.roster.operations import memberships as operations
from reviewhub.roster.queries import members as queries
from reviewhub.roster.queries.histories import history
from reviewhub.roster.views.blueprint import bp
from reviewhub.roster.views.loading import load_membership
from reviewhub.roster.words import MEMBERSHIP_VERBS
from reviewhub.roster.workflow import MembershipState
from reviewhub.roster.workflow import MembershipWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.templating import format_day


@bp.get("/roster/me")
@allow(BY_OBJECT)
def me() -> str | Response:
    """One's own membership; by account, or by the link of the application it came from."""
    membership = _own()
    if membership is not None:
        return render_template("roster/me.html", **_about(membership))
    if viewer() is None:
        return redirect(url_for("accounts.sign_in", next=url_for(".me")))
    return render_template("roster/no_member.html")


@bp.get("/roster/members")
@allow(Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR)
def members() -> str:
    """Members by name."""
    wanted = _filter()
    page = queries.page(
        wanted,
        after=request.args.get("after", type=int),
        before=request.args.get("before", type=int),
    )
    return render_template(
        "roster/members.html",
        page=page,
        topics=queries.topics_of([row.id for row in page.rows]),
        wanted=wanted,
        counts=queries.counts(),
        vocabulary=catalogue().vocabulary("topics"),
        states=tuple(MembershipState),
    )


@bp.get("/roster/members/<int:membership_id>")
@allow(BY_OBJECT)
def member(membership_id: int) -> str | Response:
    """One member, for the desk."""
    membership = load_membership(membership_id)
    if policy.is_member(actor(), membership):
        return _home(membership)
    return render_template("roster/member.html", **_about(membership))


@bp.route("/roster/members/<int:membership_id>/edit", methods=["GET", "POST"])
@allow(BY_OBJECT)
def edit(membership_id: int) -> str | Response:
    """Change what a member can judge, and how much they can be asked."""
    membership = load_membership(membership_id)
    form = _profile_form(membership, _role(membership))
    if form.was_sent_and_is_valid():
        try:
            operations.edit(membership, form.profile(), by=actor())
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
        else:
            return _done(membership, _("The profile is saved."))
    return render_template("roster/edit.html", membership=membership, form=form)


@bp.route("/roster/members/<int:membership_id>/pause", methods=["GET", "POST"])
@allow(BY_OBJECT)
def pause(membership_id: int) -> str | Response:
    """No invitations from one day to another."""
    membership = load_membership(membership_id)
    _role(membership)
    if membership.state == MembershipState.ENDED:
        raise WrongState(_("Only a member of the roster can be paused."))
    form = PauseForm(data={"first": clock.today()})
    if form.was_sent_and_is_valid():
        try:
            verbs.pause(membership, by=actor(), first=form.first.data, last=form.last.data)
        except InvalidInput as error:
            form.refuse(error)
        else:
            return _done(membership, _("The days are noted: no invitations meanwhile."))
    return render_template(
        "roster/pause.html", membership=membership, absences=_not_over(membership), form=form
    )


@bp.post("/roster/members/<int:membership_id>/resume")
@allow(BY_OBJECT)
def resume(membership_id: int) -> Response:
    """Invitations can come again."""
    membership = load_membership(membership_id)
    operations.resume(membership, by=actor())
    return _done(membership, _("The membership is active: invitations can come again."))


@bp.post("/roster/members/<int:membership_id>/absences/<int:absence_id>/call_off")
@allow(BY_OBJECT)
def call_off(membership_id: int, absence_id: int) -> Response:
    """Not away on these days after all."""
    membership = load_membership(membership_id)
    verbs.call_off(membership, absence_id, by=actor())
    return _done(membership, _("Called off: invitations can come on these days."))


@bp.post("/roster/members/<int:membership_id>/ask_return")
@allow(BY_OBJECT)
def ask_return(membership_id: int) -> Response:
    """A former member would like to come back."""
    membership = load_membership(membership_id)
    operations.ask_return(membership, by=actor())
    return _done(membership, _("Thank you. A roster manager will answer by mail."))


@bp.post("/roster/members/<int:membership_id>/renew")
@allow(BY_OBJECT)
def renew(membership_id: int) -> Response:
    """Another term."""
    membership = load_membership(membership_id)
    operations.renew(membership, by=actor())
    day = format_day(membership.term_ends_on)
    return _done(membership, _("Thank you. The term now runs until %(day)s.", day=day))


@bp.route("/roster/members/<int:membership_id>/end", methods=["GET", "POST"])
@allow(BY_OBJECT)
def end(membership_id: int) -> str | Response:
    """Resign, or (a roster manager) remove a member."""
    membership = load_membership(membership_id)
    role = _role(membership)
    if not Workflow.end.is_open_to(membership, {role}):
        raise WrongState(_("This membership has ended already."))
    person = accounts.get(membership.person_id)
    if role == Role.MEMBER and _comes_by_link_alone(person):
        flash(_("Please sign in to leave the roster: for this, a link from a mail is not enough."))
        return redirect(url_for("accounts.sign_in", next=url_for(".me")))
    form = EndForm()
    if form.was_sent_and_is_valid():
        operations.end(membership, by=actor(), note=form.note.data)
        return _done(membership, _("The membership has ended."))
    return render_template(
        "roster/end.html",
        membership=membership,
        person=person,
        form=form,
        yours=role == Role.MEMBER,
    )


def _comes_by_link_alone(person: Person) -> bool:
    """Whether somebody has an account, and yet is here by a link only, which may be passed on."""
    seen = viewer()
    return person.has_account and (seen is None or seen.id != person.id)


def _own() -> Membership | None:
    grant = actor().grant
    if grant is not None and grant.capability == Capability.APPLICATION:
        return queries.of_application(grant.object_id)
    person = viewer()
    return queries.of_person(person.id) if person else None


def _about(membership: Membership) -> dict[str, object]:
    person = accounts.get(membership.person_id)
    roles = policy.roles_of_member(actor(), membership)
    return {
        "membership": membership,
        "person": person,
        "organisation": _organisation(person.organisation_id),
        "profile": operations.describe(membership),
        "offered": Workflow.offered(membership, roles),
        "may_change": bool(roles) and membership.state != MembershipState.ENDED,
        "absences": _not_over(membership),
        "may_ask_return": Role.MEMBER in roles
        and membership.state == MembershipState.ENDED
        and membership.return_asked_at is None,
        "may_renew": bool(roles) and operations.may_renew(membership),
        "application": queries.application_ref(membership.application_id),
        "history": history(membership, named=Role.MEMBER not in roles),
        "verbs": MEMBERSHIP_VERBS,
    }


def _not_over(membership: Membership) -> list[Absence]:
    today = clock.today()
    return [one for one in membership.absences if one.last_day is None or one.last_day >= today]


def _organisation(organisation_id: int | None) -> str:
    found = db.session.get(Organisation, organisation_id) if organisation_id else None
    return found.name if found else ""


def _role(membership: Membership) -> Role:
    roles = policy.roles_of_member(actor(), membership)
    if not roles:
        raise NotAllowed(_("Only the member or a roster manager can do this."))
    return min(roles)


def _profile_form(membership: Membership, role: Role) -> ProfileForm:
    profile = operations.describe(membership)
    kind = "internal" if membership.internal else "external"
    data = {**profile, "topics": topic_lines(profile["topics"].items()), "kind": kind}
    if role == Role.MEMBER:
        form = ProfileForm(data={**data, "gender": membership.gender or ""})
        del form.kind
    else:
        form = ProfileForm(data=data)
        del form.gender
    return form


def _filter() -> queries.MemberFilter:
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    return queries.MemberFilter(
        topic=request.args.get("topic", ""),
        internal={"internal": True, "external": False}.get(kind),
        state=MembershipState(state) if state in set(MembershipState) else None,
        name=clean_line(request.args.get("q", ""))[:100],
        region=_code("regions", request.args.get("region", "")),
        language=_code("languages", request.args.get("language", "")),
        serves="serves" in request.args,
    )


def _code(vocabulary: str, wanted: str) -> str:
    """The code as it came, where the hub knows it."""
    return wanted if catalogue().find(vocabulary, wanted) else ""


def _done(membership: Membership, sentence: str) -> Response:
    db.session.commit()
    flash(sentence, "success")
    return _home(membership)


def _home(membership: Membership) -> Response:
    if policy.is_member(actor(), membership):
        return redirect(url_for(".me", key=link_key() or None))
    return redirect(url_for(".member", membership_id=membership.id))
