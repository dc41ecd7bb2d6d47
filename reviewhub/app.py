"""Putting the application together: the list of packages, in order; nothing else."""

import gc
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect

from reviewhub.accounts import access, limits, links
from reviewhub.accounts import views as accounts
from reviewhub.accounts.addresses import mark_bouncing
from reviewhub.admin import assigning, health, hooks, metrics
from reviewhub.admin import views as admin
from reviewhub.admin.coverage import views as coverage
from reviewhub.admin.people import views as people
from reviewhub.core import config, nudges
from reviewhub.core.celery import init_celery
from reviewhub.core.config import Settings
from reviewhub.core.db import configure_engine, db
from reviewhub.library import views as library
from reviewhub.notifications import bounces, choices, mornings, rendering
from reviewhub.reviews import views as reviews
from reviewhub.reviews.operations.bounces import bounce
from reviewhub.roster import views as roster
from reviewhub.schedule import BEAT
from reviewhub.submissions import views as submissions
from reviewhub.taxonomy import context as taxonomy
from reviewhub.web.errors import init_errors
from reviewhub.web.headers import init_headers
from reviewhub.web.logging import init_logging, log_tasks
from reviewhub.web.metrics import init_metrics
from reviewhub.web.proxy import init_proxy
from reviewhub.web.templating import PageEnvironment, init_templating
from reviewhub.web.timing import init_timing

BLUEPRINTS = (
    accounts.bp, submissions.bp, roster.bp, reviews.bp, admin.bp, people.bp, health.bp,
    hooks.bp, metrics.bp, library.bp, coverage.bp, assigning.bp,
)  # fmt: skip
# Whose tasks a worker imports; a web process never does.
WITH_TASKS = ("notifications", "jobs", "submissions", "roster", "reviews", "library", "admin")
TASKS = tuple(f"{__package__}.{package}.tasks" for package in WITH_TASKS)

LARGEST_FORM = 1_000_000  # bytes of text in one form; files do not count

# How many objects may be new before they are looked through for garbage.
GARBAGE = (50_000, 20, 20)


def create_app(settings: Settings | None = None, **given: Any) -> Flask:
    """The application, from the environment or from `settings`; `given` wins over both.

    Raises RuntimeError where a route does not say who may use it, and for a demo in public.
    """
    settings = settings or Settings.load(**given)
    config.use(settings)
    app = Flask(__name__)
    app.jinja_environment = PageEnvironment
    app.config.update(_flask_config(settings))
    db.init_app(app)
    with app.app_context():
        configure_engine(engine := db.engine)
    init_proxy(app, settings)
    init_logging(app, settings)
    init_metrics(app)
    init_timing(app, engine, is_shown=lambda: settings.server_timing or access.is_known_admin())
    nudges.watch(db.session)
    csrf = CSRFProtect(app)
    csrf.exempt(accounts.notices.choose_locale)  # on every page, which keeps those without a cookie
    csrf.exempt(hooks.bp)
    csrf.exempt(accounts.mails.stop_mails)  # mail programs press its button, by the link's key
    for view in reviews.writing.LOOK_AT_TOKENS:  # which they do themselves, and lose no text
        csrf.exempt(view)
    access.init_access(app)
    limits.init_limits(app, settings)
    taxonomy.init_context(app)
    init_templating(app)
    init_errors(app)
    init_headers(app)
    rendering.use_tokens(links.token_for)
    rendering.use_desk(taxonomy.desk_address)
    choices.use_links(links.choices_of)
    mornings.use_workdays(taxonomy.workdays)
    bounces.use_listeners(mark_bouncing, bounce)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    init_celery(app, settings, BEAT, tasks=TASKS, listen=log_tasks)
    access.check_routes(app)
    gc.set_threshold(*GARBAGE)  # what was made until now stays
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    encrypted = settings.base_url.startswith("https://")
    prefix = "__Host-" if encrypted else ""  # which browsers drop where there is no encryption
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_keys[1:]),
        "TESTING": settings.testing,
        "PROPAGATE_ERRORS": settings.testing,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # What stands in the rows is about people: it has no place in a log.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": not settings.testing,
            # The connection used last has its plans and pages at hand; the others may go stale.
            "pool_use_lifo": True,
        },
        "SIGN_IN_COOKIE": "__Host-reviewhub" if encrypted else "reviewhub_session",
        "SESSION_COOKIE_NAME": f"{prefix}reviewhub_form",  # CSRF token and flashed sentences only
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": encrypted,
        "MAX_CONTENT_LENGTH": settings.upload_max_bytes + LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open overnight loses nothing
        "WTF_CSRF_SSL_STRICT": False,  # the Origin is checked by SameSite; links carry no referrer
    }
