"""The forwarding core of the server (SFU): picks, rewrites, never opens."""
