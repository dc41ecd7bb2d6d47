"""From errors to pages: each has the right status, a sentence and a way on."""

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, NoResultFound, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from reviewhub.core.db import db
from reviewhub.core.errors import DomainError
from reviewhub.core.i18n import _, _l

_SENTENCES = {
    400: _l("This request can't be understood. Go back, reload the page and try once more."),
    403: _l("You may not see or do this."),
    404: _l("There is no page here. The link may be old, or it is not for this account."),
    405: _l("This address can't be used that way."),
    413: _l("This is more than we take in one go. Shorten the text or send a smaller file."),
    429: _l("That was a lot of tries. Wait a few minutes, then try again."),
}


def init_errors(app: Flask) -> None:
    """Register one handler per kind of error."""

    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Response:
        return _page(error.status, str(error))

    @app.errorhandler(NoResultFound)
    def missing(error: NoResultFound) -> Response:
        return _page(404, _SENTENCES[404])

    @app.errorhandler(StaleDataError)
    def overtaken(error: StaleDataError) -> Response:
        return _page(409, _("Somebody else changed this first. Look at it again before you go on."))

    @app.errorhandler(IntegrityError)
    def contradicted(error: IntegrityError) -> Response:
        app.logger.warning("refused by the database", exc_info=error)
        return _page(
            409, _("This contradicts what is already recorded. Look at it again, then try anew.")
        )

    @app.errorhandler(OperationalError)
    def unavailable(error: OperationalError) -> Response:
        app.logger.error("database unavailable", exc_info=error)
        response = _page(
            503, _("The database does not answer right now. Nothing was lost: try in a minute.")
        )
        response.headers["Retry-After"] = "10"
        return response

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        return _page(
            400,
            _("This form was open for too long or came from elsewhere. Go back and send it again."),
        )

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        code = error.code or 500
        if code < 400:
            return make_response(error.get_response())
        response = _page(code, _SENTENCES.get(code, error.description or error.name))
        for name, value in error.get_headers():
            if name.lower() not in {"content-type", "content-length"}:
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if app.config["PROPAGATE_ERRORS"]:
            raise error
        app.logger.exception("unexpected error on %s %s", request.method, request.path)
        return _page(
            500, _("Something broke on our side. Nothing you sent was half done: try it again.")
        )


def _page(status: int, sentence: object) -> Response:
    db.session.rollback()
    body = render_template("layout/error.html", status=status, sentence=sentence)
    return make_response(body, status)
