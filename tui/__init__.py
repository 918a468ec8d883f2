"""The faces: Textual screens, command line, plain mode."""
