"""Suggesting a resource: the form, its draft, and the guest's confirmation."""

from typing import Any

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import limits, links
from reviewhub.accounts.access import BY_OBJECT, PUBLIC, actor, allow, link_key, viewer
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.roles import Role
from reviewhub.core import clock, config
from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import InvalidInput, NotFound
from reviewhub.core.i18n import _, get_locale
from reviewhub.submissions import duplicates, operations, policy, queries
from reviewhub.submissions.answers import Answers, answers_of
from reviewhub.submissions.attachments import allowance
from reviewhub.submissions.forms import UNSURE, RecordForm, ReviseForm, SuggestForm
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.drafts import unsent
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import load, load_for
from reviewhub.submissions.words import in_capitals
from reviewhub.submissions.workflow import State
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow
from reviewhub.web.forms import Form

METHODS = ["GET", "POST"]


@bp.route("/suggest", methods=METHODS)
@limits.mails
@allow(PUBLIC)
def suggest() -> str | Response:
    """The form; sending it begins the draft that keeps the answers whatever happens next."""
    form = SuggestForm(is_guest=viewer() is None)
    if request.method == "GET":
        form.url.data = request.args.get("url", "")[:2000]
        return _suggest_page(form, None)
    return _send(operations.begin(by=actor()), form)


@bp.route("/suggest/<ref>", methods=METHODS)
@limits.mails
@allow(BY_OBJECT)
def resume(ref: str) -> str | Response:
    """A draft, to go on with."""
    submission = _draft(ref)
    if submission is None:
        flash(_("This has been sent already. Here is where it stands."))
        return redirect(url_for(".show", ref=ref, key=link_key() or None))
    if request.method == "GET":
        data = unsent(submission) or as_form(answers_of(submission))
        return _suggest_page(SuggestForm(data=data, is_guest=viewer() is None), submission)
    return _send(submission, SuggestForm(is_guest=viewer() is None))


@bp.post("/suggest/save")
@allow(PUBLIC)
def begin() -> Response:
    """Keep a form that was never saved before; the answer says where its draft lives."""
    return _save(operations.begin(by=actor()), SuggestForm(is_guest=viewer() is None))


@bp.post("/suggest/<ref>/save")
@allow(BY_OBJECT)
def save(ref: str) -> Response:
    """Keep the draft as it stands."""
    submission = load(ref)
    return _save(submission, _form_of(submission))


@bp.post("/suggest/<ref>/files/<int:file_id>/detach")
@allow(BY_OBJECT)
def detach(ref: str, file_id: int) -> Response:
    """Take a file off the draft."""
    submission = load(ref)
    operations.detach(submission, file_id, by=actor())
    _keep(submission, _form_of(submission))
    db.session.commit()
    flash(_("The file is taken off."))
    return redirect(_address(submission))


@bp.get("/suggest/<ref>/sent")
@allow(BY_OBJECT)
def sent(ref: str) -> str:
    """What a guest has to do now: read the mail."""
    submission = load(ref)
    return render_template("submissions/sent.html", submission=submission, done=url_for(".suggest"))


@bp.route("/submissions/<ref>/confirm", methods=METHODS)
@allow(BY_OBJECT)
def confirm(ref: str) -> str | Response:
    """The guest's button. Following the link alone changes nothing."""
    submission = load(ref)
    here = url_for(".show", ref=ref, key=link_key() or None)
    if submission.state is not State.DRAFT:
        flash(_("Your suggestion is on its way already."))
        return redirect(here)
    form = Form()
    if form.was_sent_and_is_valid():
        operations.confirm(submission, by=actor())
        db.session.commit()
        flash(_("Thank you. Your suggestion has been sent."), "success")
        return redirect(here)
    return render_template("submissions/confirm.html", submission=submission, form=form)


@bp.route("/submissions/<ref>/revise", methods=METHODS)
@allow(BY_OBJECT)
def revise(ref: str) -> str | Response:
    """The changed version."""
    submission = load_for(ref, Workflow.submit)
    if submission.state is State.DRAFT:
        return redirect(_address(submission))
    if request.method == "GET":
        form = ReviseForm(data=unsent(submission) or as_form(answers_of(submission)))
        return _revise_page(form, submission)
    form = ReviseForm()
    _keep(submission, form)
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                operations.revise(submission, form.answers(), by=actor(), note=form.note.data)
            db.session.commit()
            flash(_("Thank you. The changed version has been sent."), "success")
            return redirect(url_for(".show", ref=ref, key=link_key() or None))
        except InvalidInput as error:
            form.refuse(error)
    db.session.commit()
    return _revise_page(form, submission, status=422)


@bp.route("/suggest/record_for", methods=METHODS)
@allow(Role.EDITOR)
def record_for() -> str | Response:
    """An editor enters what came by mail."""
    form = RecordForm()
    if form.was_sent_and_is_valid():
        try:
            submission = operations.record_for(
                form.answers(),
                by=actor(),
                email=form.email.data,
                name=form.name.data,
                note=form.note.data,
                locale=get_locale(),
            )
            db.session.commit()
            flash(_("Entered. The writer has been told."), "success")
            return redirect(url_for("admin.item", ref=submission.ref))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    body = render_template("submissions/record_for.html", form=form, **_choices())
    return make_response(body, 422 if form.is_submitted() else 200)


def _send(submission: Submission, form: SuggestForm) -> str | Response:
    """Keep what was sent, then send it; what is wrong is said beside the answer it is about."""
    operations.adopt(submission, by=actor())
    _keep(submission, form)
    matches: list[duplicates.Match] = []
    if form.was_sent_and_is_valid():
        answers = form.answers()
        own = _sent_by_themselves(answers, submission)
        if own is not None:
            db.session.rollback()  # a second click: no second draft
            flash(_("You have suggested this already. Here is how it stands."))
            return redirect(url_for(".show", ref=own.ref))
        if not form.send_anyway.data:
            matches = _similar(answers, submission)
        if not matches:
            try:
                with in_savepoint():
                    where = _hand_in(submission, form, answers)
                db.session.commit()
                return redirect(where)
            except InvalidInput as error:
                form.refuse(error)
    db.session.commit()
    return _suggest_page(form, submission, matches, status=422)


def _hand_in(submission: Submission, form: SuggestForm, answers: Answers) -> str:
    operations.fill(submission, answers, by=_holder(submission))
    db.session.flush()
    if viewer() is not None:
        operations.submit(submission, by=actor())
        flash(_("Thank you. Your suggestion has been sent."), "success")
        return url_for(".show", ref=submission.ref)
    operations.ask_to_confirm(
        submission,
        by=_holder(submission),
        email=form.email.data,
        name=form.name.data,
        locale=get_locale(),
        timezone=config.current().timezone,
    )
    return url_for(".sent", ref=submission.ref, key=_key(submission))


def _keep(submission: Submission, form: SuggestForm | ReviseForm) -> list[str]:
    """Files first, since they can't be typed again; then every answer as it stands.

    What is wrong with a file is said beside it, and returned.
    """
    who = _holder(submission)
    refused = []
    for upload in form.file.data or ():
        if getattr(upload, "filename", ""):
            try:
                operations.attach(submission, upload.filename, upload.read(), by=who)
            except InvalidInput as error:
                refused.append(f"{upload.filename}: {error}")
                form.refuse_later(InvalidInput(refused[-1], field="file"))
    operations.save(submission, form.kept(), by=who)
    db.session.flush()
    return refused


def _form_of(submission: Submission) -> SuggestForm | ReviseForm:
    """The form that this submission's answers are changed in, with what this request brought."""
    if submission.state is State.CHANGES_REQUESTED:
        return ReviseForm()
    return SuggestForm(is_guest=viewer() is None)


def _save(submission: Submission, form: SuggestForm | ReviseForm) -> Response:
    refused = _keep(submission, form)
    db.session.commit()
    address = _address(submission)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(
            saved_at=clock.now().isoformat(),
            url=url_for(".save", ref=submission.ref, key=_key(submission)),
            action=address,
        )
    for sentence in refused:
        flash(sentence, "error")
    flash(_("Your draft is saved. Keep this page's address to go on later."), "success")
    return redirect(address)


def _similar(answers: Answers, submission: Submission) -> list[duplicates.Match]:
    return duplicates.similar(
        answers.title,
        publisher=answers.publisher,
        year=answers.published_on[:4],
        asker=actor(),
        but=submission,
    )


def _sent_by_themselves(answers: Answers, draft: Submission) -> Submission | None:
    """What the signed-in viewer has sent under this very address before."""
    person = viewer()
    found = duplicates.same(answers.url, asker=actor(), but=draft) if person else None
    if person is None or found is None or found.submission_id is None:
        return None
    other = queries.get(found.submission_id)
    return other if other.submitter_id == person.id else None


def _draft(ref: str) -> Submission | None:
    """The draft, or None when it has been sent; to everybody else it does not exist."""
    submission = load(ref)
    if submission.state is not State.DRAFT:
        return None
    if not policy.is_submitter(actor(), submission):
        raise NotFound(_("There is no such draft here. Use the address that you kept."))
    return submission


def _holder(submission: Submission) -> Actor:
    """The actor, with the link that this very request has just made for a new draft."""
    who = actor()
    if policy.is_submitter(who, submission):
        return who
    granted = links.resolve(_key(submission) or "")
    return Actor(person_id=who.person_id, roles=who.roles, grant=granted)


def _key(submission: Submission) -> str | None:
    """The key under which the draft is reached; its signed-in submitter needs none."""
    person = viewer()
    if person is not None and person.id == submission.submitter_id:
        return None
    if actor().holds_link_to(Capability.SUBMISSION, submission.id):
        return link_key()
    if person is not None:
        return None
    return links.token(links.ensure(Capability.SUBMISSION, submission.id, person_id=None))


def _address(submission: Submission) -> str:
    name = ".revise" if submission.state is State.CHANGES_REQUESTED else ".resume"
    return url_for(name, ref=submission.ref, key=_key(submission))


def _suggest_page(
    form: SuggestForm,
    submission: Submission | None,
    matches: list[duplicates.Match] | None = None,
    *,
    status: int = 200,
) -> Response:
    body = render_template(
        "submissions/suggest.html",
        form=form,
        submission=submission,
        matches=matches or [],
        files=queries.files_of(submission.id) if submission is not None else [],
        in_capitals=in_capitals(form.title.data or ""),
        action=_address(submission) if submission is not None else url_for(".suggest"),
        save_url=(
            url_for(".save", ref=submission.ref, key=_key(submission))
            if submission is not None
            else url_for(".begin")
        ),
        **_choices(),
    )
    return make_response(body, status)


def _revise_page(form: ReviseForm, submission: Submission, *, status: int = 200) -> Response:
    body = render_template(
        "submissions/revise.html",
        form=form,
        submission=submission,
        files=queries.files_of(submission.id),
        save_url=url_for(".save", ref=submission.ref, key=_key(submission)),
        **_choices(),
    )
    return make_response(body, status)


def _choices() -> dict[str, Any]:
    return {"publishers": queries.publishers(), "allowance": allowance()}


def as_form(answers: Answers) -> dict[str, Any]:
    """A row's answers as the form's fields."""
    data = {name: getattr(answers, name) for name in answers.__dataclass_fields__}
    topics = list(answers.topics)
    data["main_topic"] = topics[0] if topics else (UNSURE if answers.topic_unsure else "")
    data["topics"] = topics[1:]
    data["authors"] = "\n".join(answers.authors)
    data["scope"] = answers.scope.value if answers.scope else ""
    data["relation"] = answers.relation.value if answers.relation else ""
    return data
