"""Signing in with a provider: leaving for it, coming back, and connecting it with an account.

Leaving is a POST that answers with a page, not with a redirect: a form of ours may lead nowhere
else (its `form-action`), and what follows a page's Refresh is no form any more.
"""

import time
from hmac import compare_digest

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import browser, identities, limits, oidc, queries
from reviewhub.accounts.access import BY_OBJECT, PUBLIC, SIGNED_IN, actor, allow, viewer
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.forms import ActionForm, ResetForm
from reviewhub.accounts.models import Person, ProviderVisit
from reviewhub.accounts.oidc import Claims
from reviewhub.accounts.views.blueprint import bp, own_path, present
from reviewhub.accounts.views.registering import even_out
from reviewhub.accounts.views.signing_in import admit, begin_anew
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError, InvalidInput, LinkExpired, NotFound, WrongState
from reviewhub.core.i18n import _, get_locale
from reviewhub.core.providers import Provider


@bp.post("/sign-in/with/<name>")
@limits.departures
@allow(PUBLIC)
def leave(name: str) -> Response:
    """Go to the provider; whoever is signed in connects it with their account."""
    provider, token = _provider(name), identities.new_token()
    begin_anew(only_reads=True)  # the provider is asked what it is: no write lock meanwhile
    try:
        url = oidc.address(provider, identities.question(token), back=_back(provider))
    except DomainError as error:
        return _problem(provider, error)
    begin_anew(only_reads=False)
    target = own_path(request.args.get("next", ""))
    identities.begin(token, provider, person=viewer(), target=target)
    db.session.commit()
    begin_anew(only_reads=True)
    response = make_response(render_template("accounts/leave.html", provider=provider, url=url))
    response.headers["Refresh"] = f"0; url={url}"
    browser.begin_visit(response, token)
    return response


@bp.get("/sign-in/with/<name>/back")
@allow(PUBLIC)
def arrive(name: str) -> Response:
    """Come back from the provider, which says who it is."""
    provider = _provider(name)
    try:
        claims = _claims(provider)
        begin_anew(only_reads=False)
        return _recognise(_visit(), claims)
    except DomainError as error:
        return _problem(provider, error)


@bp.route("/sign-in/connect", methods=["GET", "POST"])
@allow(BY_OBJECT)
def connect() -> str | Response:
    """Say whose the identity is: signed in, or by the link from a mail."""
    visit = identities.visit_of(browser.visit_token())
    if visit is None or not visit.subject:
        return _nothing_to_connect()
    person, link_id = _owner()
    form = ActionForm()
    if person is not None and form.was_sent_and_is_valid():
        return _connect(person, visit, link_id)
    return render_template(
        "accounts/connect.html",
        form=form,
        mail_form=ResetForm(formdata=None, data={"email": visit.email}),
        email=person.email if person else "",
        by_mail=link_id is not None,
        **_shown(visit),
    )


@bp.post("/sign-in/connect/mail")
@limits.mails
@allow(PUBLIC)
def ask_to_connect() -> str | Response:
    """Have a link sent. The answer is the same whether the address is known or not."""
    started = time.monotonic()
    visit = identities.visit_of(browser.visit_token())
    if visit is None or not visit.subject:
        return _nothing_to_connect()
    form = ResetForm()
    if form.was_sent_and_is_valid():
        identities.ask_to_connect(visit, form.email.data, locale=get_locale())
        db.session.commit()
        even_out(started)
        return redirect(url_for(".look_in_mail"))
    return render_template(
        "accounts/connect.html",
        form=ActionForm(formdata=None),
        mail_form=form,
        email="",
        by_mail=False,
        **_shown(visit),
    )


@bp.post("/account/identities/part")
@allow(SIGNED_IN)
def part() -> Response:
    """Sign in with this identity no more."""
    try:
        identities.part(present(), request.form.get("identity", 0, type=int))
        db.session.commit()
        flash(_("Parted. Nobody signs in to your account that way any more."), "success")
    except InvalidInput as error:
        db.session.rollback()
        flash(str(error), "error")
    return redirect(url_for(".account"))


def _claims(provider: Provider) -> Claims:
    """What the provider says, in answer to this browser's question, once. Commits in between."""
    token = browser.visit_token()
    visit = identities.visit_of(token)
    question = identities.question(token)
    sent = request.args.get("state", "")
    if visit is None or visit.provider != provider.name:
        raise _is_over()
    if not compare_digest(sent.encode(), question.state.encode()):
        raise _is_over()
    begin_anew(only_reads=False)
    is_first = identities.take(visit)
    db.session.commit()  # now, so that no second answer is taken however this one ends
    if not is_first:
        raise _is_over()
    _heed(provider)
    code = request.args.get("code", "")
    return oidc.answer(provider, question, code=code, back=_back(provider))


def _heed(provider: Provider) -> None:
    """Raise what the provider says instead of an answer, or where another one answers."""
    if request.args.get("error") == "access_denied":
        raise oidc.ProviderRefusedError(
            _(
                "You did not agree at %(provider)s, so nothing has changed here.",
                provider=provider.shown,
            )
        )
    is_other = request.args.get("iss", provider.issuer) != provider.issuer
    if is_other or not request.args.get("code"):
        raise oidc.ProviderRefusedError(
            _(
                "%(provider)s could not sign you in. Start again, or sign in another way.",
                provider=provider.shown,
            )
        )


def _recognise(visit: ProviderVisit, claims: Claims) -> Response:
    identities.keep(visit, claims)
    if visit.person_id is not None:
        person = viewer()
        if person is None or person.id != visit.person_id:
            raise WrongState(
                _("You are signed out by now. Sign in, then connect it on your account page.")
            )
        return _connect(person, visit, None)
    person = identities.recognise(visit)
    if person is None:
        db.session.commit()
        return redirect(url_for(".connect"))
    return _admit(person, visit)


def _connect(person: Person, visit: ProviderVisit, link_id: int | None) -> Response:
    provider = identities.provider_name(visit.issuer)
    if link_id is None:
        identities.connect(person, visit)
    else:
        identities.connect_by_mail(person, visit, link_id=link_id)
    flash(
        _("Connected. From now on you can sign in with %(provider)s.", provider=provider), "success"
    )
    if link_id is not None:
        return _admit(person, visit)
    response = redirect(own_path(visit.target) or url_for(".account"))
    identities.end(visit)
    browser.end_visit(response)
    db.session.commit()
    return response


def _admit(person: Person, visit: ProviderVisit) -> Response:
    target, has_passed = visit.target, identities.passes_second_factor(visit)
    identities.end(visit)
    response = admit(person, target=target, has_passed=has_passed)
    browser.end_visit(response)
    return response


def _owner() -> tuple[Person | None, int | None]:
    """Who says that the identity is theirs: by the link in hand, with its number, or signed in."""
    grant = actor().grant
    if grant is not None and grant.capability is Capability.ACCOUNT:
        return queries.get(grant.object_id), grant.link_id
    return viewer(), None


def _visit() -> ProviderVisit:
    visit = identities.visit_of(browser.visit_token())
    if visit is None:
        raise _is_over()
    return visit


def _shown(visit: ProviderVisit) -> dict[str, object]:
    return {
        "shown": visit.email or visit.name or visit.subject,
        "provider": identities.provider_name(visit.issuer),
        "may_register": config.current().oidc_register,
    }


def _nothing_to_connect() -> Response:
    if viewer() is not None:
        return redirect(url_for(".account"))  # a notice leads here, without its mail's key
    raise LinkExpired(
        _(
            "This took too long, or it was begun in another browser. Open the link in the browser "
            "in which you began, or go to “Sign in” and begin anew."
        )
    )


def _is_over() -> LinkExpired:
    return LinkExpired(
        _("This sign-in took too long, was used already, or was begun elsewhere. Start again.")
    )


def _problem(provider: Provider, error: DomainError) -> Response:
    """What went wrong, and the ways on."""
    begin_anew(only_reads=True)
    page = render_template(
        "accounts/not_arrived.html", provider=provider, sentence=str(error.sentence)
    )
    return make_response(page, error.status)


def _provider(name: str) -> Provider:
    provider = oidc.named(name)
    if provider is None:
        raise NotFound(_("Nobody signs in that way here."))
    return provider


def _back(provider: Provider) -> str:
    """The public address that the provider sends browsers back to, as it was told beforehand."""
    path = url_for(".arrive", name=provider.name).removeprefix(request.script_root)
    return config.current().base_url + path
