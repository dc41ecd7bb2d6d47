"""Whole addresses of our pages: from the settings, never from what a request calls us."""

from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from reviewhub.core import config


def absolute(endpoint: str, **values: Any) -> str:
    """The address of a page as it is known outside."""
    known = urlsplit(config.current().base_url)
    return f"{known.scheme}://{known.netloc}{url_for(endpoint, **values)}"
