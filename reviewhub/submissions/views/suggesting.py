"""Suggesting a resource: the form, its draft, and the guest's confirmation."""

from typing import Any

from flask import (
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from reviewhub.accounts import limits
from reviewhub.accounts.access import BY_OBJECT, PUBLIC, actor, allow, link_key, viewer
from reviewhub.accounts.roles import Role
from reviewhub.core import clock, config
from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import InvalidInput, NotFound
from reviewhub.core.i18n import _, get_locale
from reviewhub.submissions import duplicates, operations, policy, queries
from reviewhub.submissions.answers import Answers, answers_of
from reviewhub.submissions.attachments import allowance
from reviewhub.submissions.forms import (
    UNSURE,
    RecordForm,
    ReviseForm,
    SuggestForm,
    with_detail_of,
)
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.drafts import unsent
from reviewhub.submissions.views import proposing
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import holder, load, load_for, own_address, own_key
from reviewhub.submissions.words import in_capitals
from reviewhub.submissions.workflow import State
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow
from reviewhub.web.forms import Form
from reviewhub.web.scripts import by_script

METHODS = ["GET", "POST"]
TICKED = "consent"  # the draft whose page, with more questions on it, comes with the consent ticked


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
        form = SuggestForm(data=_said(submission), is_guest=viewer() is None)
        form.detail.data = request.args.get("detail", "")[:1]
        form.consent.data = session.pop(TICKED, "") == ref
        return _suggest_page(form, submission)
    return _send(submission, _form_of(submission))


@bp.post("/suggest/save")
@limits.look_ups
@allow(PUBLIC)
def begin() -> Response:
    """Keep a form that was never saved before; the answer says where its draft lives."""
    return _save(operations.begin(by=actor()), SuggestForm(is_guest=viewer() is None))


@bp.post("/suggest/<ref>/save")
@limits.look_ups
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
    return redirect(own_address(submission))


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
        return redirect(own_address(submission))
    if request.method == "GET":
        return _revise_page(ReviseForm(data=_said(submission)), submission)
    form = _form_of(submission)
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
    operations.fill(submission, answers, by=holder(submission))
    db.session.flush()
    if viewer() is not None:
        operations.submit(submission, by=actor())
        flash(_("Thank you. Your suggestion has been sent."), "success")
        return url_for(".show", ref=submission.ref)
    operations.ask_to_confirm(
        submission,
        by=holder(submission),
        email=form.email.data,
        name=form.name.data,
        locale=get_locale(),
        timezone=config.current().timezone,
    )
    return url_for(".sent", ref=submission.ref, key=own_key(submission))


def _keep(submission: Submission, form: SuggestForm | ReviseForm) -> None:
    operations.save(submission, form.kept(), by=holder(submission))
    db.session.flush()


def _form_of(submission: Submission) -> SuggestForm | ReviseForm:
    """The form that this submission's answers are changed in, with what this request brought."""
    sent = with_detail_of(_said(submission), request.form)
    if submission.state is State.CHANGES_REQUESTED:
        return ReviseForm(sent)
    return SuggestForm(sent, is_guest=viewer() is None)


def _said(submission: Submission) -> dict[str, Any]:
    """The answers as they were last saved, in the shape of the form."""
    return unsent(submission) or as_form(answers_of(submission))


def _save(submission: Submission, form: SuggestForm | ReviseForm) -> Response:
    """Keep every answer as it stands; a file comes after, so that it can cost none of them."""
    _keep(submission, form)
    served = proposing.serve(submission)
    db.session.commit()
    key, address = own_key(submission), own_address(submission)
    if by_script():
        return jsonify(
            saved_at=clock.now().isoformat(),
            url=url_for(".save", ref=submission.ref, key=key),
            action=address,
            uploads=url_for(".begin_upload", ref=submission.ref, key=key),
        )
    if request.form.get("then") == "attach":
        return redirect(url_for(".attach", ref=submission.ref, key=key))
    if request.form.get("then") == "detail":
        if request.form.get("consent"):  # no answer of the draft: it is given with the sending
            session[TICKED] = submission.ref
        return redirect(url_for(".resume", ref=submission.ref, key=key, detail=1, _anchor="detail"))
    if not served:
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
        **_files(submission),
        in_capitals=in_capitals(form.title.data or ""),
        **proposing.shown(submission),
        action=own_address(submission) if submission is not None else url_for(".suggest"),
        save_url=(
            url_for(".save", ref=submission.ref, key=own_key(submission))
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
        **_files(submission),
        save_url=url_for(".save", ref=submission.ref, key=own_key(submission)),
        **_choices(),
    )
    return make_response(body, status)


def _files(submission: Submission | None) -> dict[str, Any]:
    """What has arrived, what is on its way, and where the next one goes."""
    if submission is None:
        return {"files": [], "uploads": [], "uploads_url": ""}
    return {
        "files": queries.files_of(submission.id),
        "uploads": queries.uploads_of(submission.id),
        "uploads_url": url_for(".begin_upload", ref=submission.ref, key=own_key(submission)),
    }


def _choices() -> dict[str, Any]:
    """What the forms propose and allow; only a page that proposes publishers looks for them."""
    return {"find_publishers": queries.publishers, "allowance": allowance()}


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
