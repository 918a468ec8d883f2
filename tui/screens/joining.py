"""The windows that lead into a room by a link or by a passcode, and say at once what is wrong."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Paste
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from tui.ports import Destination, RoomsPort, SottovoceError
from tui.words import key_state_words

FAULTS: Final = {
    "ours": "a fault of sotto",
    "person": "you can put it right",
    "peer": "not your fault",
}
_STYLE = """
    {name} {{ align: center middle; }}
    {name} Vertical {{ width: 66; max-width: 100%; height: auto; background: $surface;
        border: round $primary; border-title-color: $primary; padding: 0 1; }}
    {name} Static {{ width: 1fr; height: auto; }}
    {name} .hint {{ color: $foreground-muted; }}
    {name} Input, {name} Input:focus {{ border: none; height: 1; padding: 0 1;
        background: $panel; }}
    {name} #said {{ margin-top: 1; height: 3; }}
"""


def trouble(error: SottovoceError) -> Content:
    """Return what is wrong, whose fault it is, and what to do about it."""
    text = Content(f"{error.message[:1].upper()}{error.message[1:]}").stylize("$error")
    text += Content(f" ({FAULTS[error.fault]})").stylize("$foreground-muted")
    return text + Content(f"\n{error.hint}" if error.hint else "").stylize("$foreground-muted")


def destination(where: Destination) -> Content:
    """Return where a link leads, before anything is sent there."""
    title = f"{where.title}, at " if where.title else "A room at "
    text = Content(f"{title}{where.server}\n").stylize("bold")
    if where.own:
        return text + Content("It is a room of yours").stylize("$success")
    if where.host:
        known = f"Hosted by {where.host}, {key_state_words(where.host_state)} ({where.host_key})"
        return text + Content(known).stylize("$success")
    return text + Content(f"Its host's key is new to you ({where.host_key})").stylize("$warning")


class LinkLine(Input):
    """Takes a link as it was pasted, also one that a terminal wrapped."""

    def _on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(" ".join(event.text.split()))


class JoinScreen(ModalScreen[str | None]):
    """Asks for a link, and says whose server it leads to; enter takes it."""

    BINDINGS: ClassVar = [Binding("escape", "dismiss(None)", "Leave it", show=False)]
    DEFAULT_CSS = _STYLE.format(name="JoinScreen")

    def __init__(self, rooms: RoomsPort, link: str = "") -> None:
        super().__init__()
        self._rooms = rooms
        self._link = link

    def compose(self) -> ComposeResult:
        """Yield the line, and what is to be said about it."""
        box = Vertical()
        box.border_title = Content("join by a link")
        box.border_subtitle = Content("enter knocks   escape leaves it")
        with box:
            hint = "Paste the link. It is a secret between you and who sent it."
            yield Static(Content(hint), markup=False, classes="hint")
            yield LinkLine(self._link, select_on_focus=False)
            yield Static("", id="said", markup=False)

    def on_mount(self) -> None:
        """Say where it leads if it was pasted already."""
        self._look(knock=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say where it leads, or what is wrong with it."""
        event.stop()
        self._look(knock=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it if it leads somewhere."""
        event.stop()
        self._look(knock=True)

    def _look(self, *, knock: bool) -> None:
        self._say(self.query_one(LinkLine).value, knock)

    @work(exclusive=True)
    async def _say(self, link: str, knock: bool) -> None:
        said = self.query_one("#said", Static)
        if not link.strip():
            said.update("")
            return
        try:
            where = await self._rooms.where(link)
        except SottovoceError as error:
            said.update(trouble(error))
        else:
            said.update(destination(where))
            if knock:
                self.dismiss(link)


class PasscodeScreen(ModalScreen[str | None]):
    """Asks for what a host says aloud; gives the link the host gives for it."""

    BINDINGS: ClassVar = [Binding("escape", "dismiss(None)", "Leave it", show=False)]
    DEFAULT_CSS = _STYLE.format(name="PasscodeScreen")

    def __init__(self, rooms: RoomsPort, server: str = "") -> None:
        super().__init__()
        self._rooms = rooms
        self._server = server

    def compose(self) -> ComposeResult:
        """Yield the three lines, and what is to be said about them."""
        box = Vertical()
        box.border_title = Content("join by a passcode")
        box.border_subtitle = Content("enter goes on   escape leaves it")
        with box:
            yield Label("The room: the first word of the passcode", classes="hint")
            yield Input(id="room")
            yield Label("Its server: HOST:PORT, as the host says it", classes="hint")
            yield Input(self._server, id="server")
            yield Label("The other three words (not shown; four letters each do)", classes="hint")
            yield Input(id="words", password=True)
            yield Static("", id="said", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the first line that is empty; with none, ask the host."""
        event.stop()
        lines = list(self.query(Input))
        missing = next((line for line in lines if not line.value.strip()), None)
        if missing is not None:
            self.set_focus(missing)
        else:
            self.query_one("#said", Static).update(Content("Asking the host…"))
            self._ask(*(line.value.strip() for line in lines))

    @work(exclusive=True)
    async def _ask(self, room: str, server: str, words: str) -> None:
        try:
            link = await self._rooms.ask_link(room, server, words)
        except SottovoceError as error:
            self.query_one("#said", Static).update(trouble(error))
            self.query_one("#words", Input).value = ""
        else:
            self.dismiss(link)
