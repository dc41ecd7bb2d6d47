"""From errors to pages: each has the right status, a sentence and a way on."""

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from reviewhub.core.db import begin_reading, db
from reviewhub.core.errors import DomainError
from reviewhub.core.i18n import _, _l, force_locale
from reviewhub.web.scripts import by_script

_WORDS = {
    400: _l("This did not work"),
    403: _l("Not for this account"),
    404: _l("Not found"),
    409: _l("Overtaken"),
    410: _l("No longer here"),
    413: _l("Too much at once"),
    422: _l("This can't be used"),
    429: _l("Too many tries"),
    500: _l("Our mistake"),
    503: _l("Not available now"),
}
_SENTENCES = {
    400: _l("This request can't be understood. Go back, reload the page and try once more."),
    403: _l("You may not see or do this."),
    404: _l("There is no page here. The link may be old, or it is not for this account."),
    405: _l("This address can't be used that way."),
    413: _l(
        "This is more than we take in one go. Shorten the text or send a smaller file. "
        "What you saved before is kept."
    ),
    429: _l("That was a lot of tries. Wait a few minutes, then try again."),
    503: _l("The database does not answer right now. Nothing was lost: try in a minute."),
}
_BARE = Markup(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{word}</title>'
    "<h1>{word}</h1><p>{sentence}</p></html>"
)


def init_errors(app: Flask) -> None:
    """Register one handler per kind of error."""
    _init_domain(app)
    _init_database(app)
    _init_http(app)


def _init_domain(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Response:
        return _page(error.status, str(error))

    @app.errorhandler(exc.NoResultFound)
    def missing(error: exc.NoResultFound) -> Response:
        return _page(404, _SENTENCES[404])

    @app.errorhandler(StaleDataError)
    def overtaken(error: StaleDataError) -> Response:
        return _page(409, _("Somebody else changed this first. Look at it again before you go on."))


def _init_database(app: Flask) -> None:
    @app.errorhandler(exc.IntegrityError)
    def contradicted(error: exc.IntegrityError) -> Response:
        app.logger.warning("refused by the database", exc_info=error)
        return _page(
            409, _("This contradicts what is already recorded. Look at it again, then try anew.")
        )

    @app.errorhandler(exc.DataError)
    def unfit(error: exc.DataError) -> Response:
        """A number or a text that no column can hold, as PostgreSQL says of a NUL."""
        app.logger.warning("no value for the database", exc_info=error)
        return _page(400, _SENTENCES[400])

    @app.errorhandler(exc.OperationalError)
    @app.errorhandler(exc.InterfaceError)
    @app.errorhandler(exc.TimeoutError)
    def unavailable(error: exc.SQLAlchemyError) -> Response:
        app.logger.error("database unavailable", exc_info=error)
        response = _page(503, _SENTENCES[503])
        response.headers["Retry-After"] = "10"
        return response


def _init_http(app: Flask) -> None:
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
    begin_reading(True)
    if by_script():  # which shows the sentence
        return make_response(jsonify(error=str(sentence)), status)
    word = _WORDS.get(status, _WORDS[500 if status >= 500 else 400])
    # A form that was too much for one go still stands where it came from.
    way_on = (request.full_path, _("Back to the form")) if status == 413 else None
    try:
        body = render_template(
            "layout/error.html", status=status, word=word, sentence=sentence, way_on=way_on
        )
    except exc.SQLAlchemyError:  # the frame of a page needs the database, which is what is missing
        current_app.logger.exception("no database for the error page")
        with force_locale("en"):  # the reader's language stands in the database, too
            body = _BARE.format(word=word, sentence=sentence)
    return make_response(body, status)
