"""The keys: MLS, SFrame, identities, links. Bytes in, bytes out; no I/O and no clock."""
