"""The `reviewhub` command: one module per group of commands, loaded when it is asked for.

So `reviewhub run` and the mail sink start without loading the application.
"""

import importlib

import click

# Which module adds which command.
MODULES = {
    "run": "run",
    "doctor": "doctor",
    "prepare": "database",
    "db": "database",
    "taxonomy": "database",
    "create-admin": "accounts",
    "grant": "accounts",
    "totp-reset": "accounts",
    "user": "accounts",
    "import": "imports",
    "outbox": "outbox",
    "mail": "mail",
    "mail-test": "mailtest",
    "backup": "backup",
    "restore": "backup",
    "search": "search",
    "check": "check",
    "demo": "demo",
    "docs": "docs",
    "translations": "translations",
    "mailsink": "mailsink",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command there is."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, after its module has added it."""
        if cmd_name in MODULES and cmd_name not in self.commands:
            importlib.import_module(f"{__name__}.{MODULES[cmd_name]}").register(self)
        return super().get_command(ctx, cmd_name)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """ReviewHub: a peer-review desk for a curated library."""
