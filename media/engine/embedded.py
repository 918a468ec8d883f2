"""The engine that comes with the product: both ends, over one UDP port of our own server."""

from __future__ import annotations

from media.engine.embedded_admin import EmbeddedAdmin
from media.engine.embedded_session import EmbeddedSession

__all__ = ["EmbeddedAdmin", "EmbeddedSession"]
