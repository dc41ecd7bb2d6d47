"""Who asks: a browser that shows a page, or a script of one of our pages."""

from flask import request


def by_script() -> bool:
    """Whether a script of ours asks, which takes the answer apart as JSON and shows no page."""
    return request.accept_mimetypes.best == "application/json"
