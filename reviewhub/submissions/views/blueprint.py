"""The blueprint that the pages of this package hang on."""

from flask import Blueprint

bp = Blueprint("submissions", __name__)
