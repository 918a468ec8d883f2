"""Paths packets take: ICE and DTLS."""
