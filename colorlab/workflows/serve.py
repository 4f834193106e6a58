"""Showing a report folder in a browser on this machine."""

from __future__ import annotations

import contextlib
import functools
import http.server
import webbrowser
from collections.abc import Callable
from pathlib import Path

from spectra.errors import ColorlabError


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Files of one folder, unlogged."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to whoever started the command."""


def serve_folder(folder: Path, port: int, announce: Callable[[str], None]) -> None:
    """Serve a folder on the loopback address and open it in a browser until Ctrl-C.

    Raises
    ------
    ColorlabError
        If the port is taken.
    """
    handler = functools.partial(_Quiet, directory=str(folder))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise ColorlabError(f"port {port} cannot be used: {error.strerror}; give another with --port") from error
    with server, contextlib.suppress(KeyboardInterrupt):
        url = f"http://127.0.0.1:{server.server_port}/index.html"
        announce(url)
        webbrowser.open(url)
        server.serve_forever()
