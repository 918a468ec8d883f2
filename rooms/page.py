"""What the server answers to a browser: one static page that says how to join, and little else.

The page loads nothing and runs nothing: the part of a link after `#` is a secret that a script,
even one of ours, has no business reading.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

_STYLE: Final = """
:root { color-scheme: light dark }
body { font: 1.1rem/1.6 ui-monospace, monospace; max-width: 42rem; margin: 4rem auto;
  padding: 0 1rem }
code { padding: .1em .3em; border: 1px solid; border-radius: .2em }
"""

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>A sottovoce room</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>You are invited to a call</h1>
<p>It takes place in a terminal. Copy the whole address of this page, from <code>https://</code>
to its last letter, and run</p>
<p><code>sotto join -</code></p>
<p>then paste the address and press Enter. Somebody in the room will let you in.</p>
<p>Keep the address to yourself: whoever has it can knock. The part after <code>#</code> was not
sent to this server, which can neither hear nor read the call.</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whole."""

    status: int
    content_type: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Headers by name; the strictest there are, on every answer."""
        return {
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Connection": "close",
        }


_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_TEXT: Final = "text/plain; charset=utf-8"
_INVITATION: Final = Answer(200, "text/html; charset=utf-8", _PAGE.encode())
_ANSWERS: Final = {
    "/r/": _INVITATION,
    "/r": _INVITATION,
    "/healthz": Answer(200, _TEXT, b"ok\n"),
}
_NOT_FOUND: Final = Answer(404, _TEXT, b"not found\n")


def answer(path: str) -> Answer:
    """Return the answer to a GET of `path` (as in the request line, perhaps with a query)."""
    return _ANSWERS.get(path.partition("?")[0], _NOT_FOUND)
