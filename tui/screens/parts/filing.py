"""Files in the chat: one line each, which says how far it is and how to save it."""

from __future__ import annotations

from rooms.events import FileDone, FileFailed, FileOffered, FileProgress
from tui.actions import files
from tui.ports import AnyEvent
from tui.screens.parts.chatting import Chatting
from tui.screens.parts.part import Does, Part
from tui.widgets.chat import ChatPanel
from tui.widgets.chat_log import ChatLog
from tui.widgets.chat_text import file_line


class Filing(Part):
    """Writes the line when a file is announced, and changes it as the file comes."""

    @property
    def does(self) -> Does:
        """Ask which file, by the line to write in."""
        return {files.FILE.id: self._send}

    def on_event(self, event: AnyEvent) -> None:
        """Write about a file."""
        match event:
            case FileOffered():
                self.screen.part(Chatting).came(mine=event.mine)
                self.widget(ChatPanel).add(file_line(event), event.file)
            case FileProgress() | FileDone() | FileFailed():
                self.widget(ChatLog).replace(event.file, file_line(event))
            case _:
                pass

    def _send(self, argument: str) -> None:
        if argument:
            self.screen.act(files.FILE, argument)
        else:
            self.widget(ChatPanel).write(f"{files.FILE.command} ")
