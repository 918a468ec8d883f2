"""Engines that carry a room's media: ports and implementations."""
