"""Messaging Layer Security (RFC 9420), our profile: one file per RFC object. Unaudited."""
