"""The command line: parse, call one workflow, print. Nothing heavy is imported at the top."""

import click


@click.group()
def main() -> None:
    """colorlab, the open paint-colour laboratory."""
