"""The page loads nothing, runs nothing, keeps nothing and repeats nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from rooms.page import answer


def test_there_are_two_answers_and_not_found() -> None:
    assert (answer("/r/").status, answer("/healthz").body) == (200, b"ok\n")
    assert answer("/r/?from=chat") == answer("/r") == answer("/r/")
    for path in ("/", "/r/x", "/R/", "/healthz/", "//r/", "*", "/r/../healthz", "/ws/x"):
        assert answer(path).status == 404, path


def test_attack_the_page_repeats_nothing_it_was_asked() -> None:
    assert answer("/r/?<script>alert(1)</script>").body == answer("/r/").body
    assert b"<script>" not in answer("/<script>").body


class _Loads(HTMLParser):
    """Collects every attribute and tag that could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        if tag in {"script", "link", "img", "iframe", "object", "embed", "form", "base"}:
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in {"src", "href", "style"}]
        self.found += [name for name, _ in attrs if name.startswith("on")]


def test_the_page_loads_and_runs_nothing() -> None:
    page = answer("/r/").body.decode()
    parser = _Loads()
    parser.feed(page)
    assert parser.found == []
    assert "url(" not in page
    assert "@import" not in page


def test_the_policy_allows_the_pages_own_style_only() -> None:
    page = answer("/r/").body.decode()
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = answer("/r/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("path", ["/r/", "/healthz", "/nowhere"])
def test_every_answer_is_strict(path) -> None:
    made = answer(path)
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Referrer-Policy"] == "no-referrer"
    assert made.headers["X-Content-Type-Options"] == "nosniff"
    assert made.headers["Content-Length"] == str(len(made.body))
