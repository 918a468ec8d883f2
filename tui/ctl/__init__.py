"""The control socket of a running call: newline JSON for the other terminals of the same person."""
