"""The `reviewhub` command: one module per group of commands."""

import click

from reviewhub.cli import (
    accounts,
    check,
    database,
    demo,
    docs,
    doctor,
    imports,
    mailsink,
    outbox,
    run,
    search,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """ReviewHub: a peer-review desk for a curated library."""


for module in (
    run,
    doctor,
    database,
    accounts,
    imports,
    outbox,
    search,
    check,
    demo,
    docs,
    mailsink,
):
    module.register(main)
