"""`python -m reviewhub.cli` is the same as `reviewhub`."""

from reviewhub.cli import main

main(prog_name="reviewhub")
