"""What only a screen can do."""

from __future__ import annotations

from tui.actions.action import Action

CHAT = Action("chat", "enter", "Write in the chat", "write to the room; escape goes back", "chat")
COMMAND = Action("command", "slash", "Type a /command", "type one of these commands", "chat")
PRIVACY = Action("privacy", "P", "Privacy", "settings, and what left this machine", "screen")
SETTINGS = Action("settings", "comma", "Settings", "name, devices, colours, keys", "screen")
PALETTE = Action("palette", "ctrl+p", "Command palette", "search everything", "screen")
HELP = Action("help", "question_mark", "Help", "this screen", "screen")
