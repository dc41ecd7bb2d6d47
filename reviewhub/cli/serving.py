"""How gunicorn serves the hub: `gunicorn --config python:reviewhub.cli.serving …`.

The application is loaded once, in the parent, and its workers are forked from there: they start
at once and share the memory of everything that was loaded.
"""

import gc
from typing import Any

preload_app = True


def pre_fork(_server: Any, _worker: Any) -> None:
    """Keep the garbage collector off what is shared: to look at it would be to copy it."""
    gc.collect()
    gc.freeze()
