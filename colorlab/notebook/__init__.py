"""Measurements and what belongs to them as pictures in a notebook: `%load_ext colorlab.notebook`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Teach a notebook to show measurements, files, lights, stated colours and verdicts."""
    from colorlab.notebook.cards import CARDS

    if shell.display_formatter is not None:
        for kind, card in CARDS.items():
            shell.display_formatter.formatters["text/html"].for_type(kind, card)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Let a notebook show them as text again."""
    from colorlab.notebook.cards import CARDS

    if shell.display_formatter is not None:
        for kind in CARDS:
            shell.display_formatter.formatters["text/html"].pop(kind, None)
