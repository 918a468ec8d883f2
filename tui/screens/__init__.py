"""One file per screen; screens draw values from tui.ports and send intents."""
