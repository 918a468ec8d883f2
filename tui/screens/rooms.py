"""The rooms a person was in, and every way into a call. What plain `sotto` shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Paste
from textual.screen import Screen
from textual.widgets import OptionList, Static

from tui.actions import ACTIONS, ROOMS
from tui.ports import RoomLine, SottovoceError
from tui.screens.acting import ActingScreen, bindings
from tui.screens.asking import LineScreen
from tui.screens.help import HelpScreen
from tui.screens.joining import JoinScreen, PasscodeScreen
from tui.screens.privacy import PrivacyScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.key_bar import KeyBar
from tui.widgets.room_row import Heads, RoomRow, hosts_in_words
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from tui.conduct import Opener, Outcome
    from tui.own import Own

Doing = Callable[[], Coroutine[Any, Any, None]]
REFRESH = 30.0
"""Seconds between two looks at the clock."""
LOOKS_LIKE_A_LINK = ("https://", "sotto ", "'https://", '"https://', "<https://")
NO_LINK = "what you pasted is not a link to a room"
KEYS = (
    ("enter", "go in"),
    ("create", "new room"),
    ("join", "by link"),
    ("spoken", "by passcode"),
    ("count", "count"),
    ("rename", "rename"),
    ("forget", "forget"),
)
HAVE_KEYS = tuple(dict.fromkeys((*ROOMS, *ACTIONS)))
"""Every action there is, here and in a call."""
LAST_KEYS = (("help", "help"), ("quit", "quit"))
MARK = "there is no room in the list yet"
ASKING = "asked the servers of your rooms who is in"
ASKING_COSTS = "they learn that you look, and from where"
OWN_SERVER = "Leave it empty to run the server in here: the room ends when you leave it."


def sentence(text: str) -> str:
    """Return a message or a hint as a sentence of its own."""
    end = "" if not text or text[-1] in ".?!" else "."
    return f"{text[:1].upper()}{text[1:]}{end}"


class RoomsScreen(ActingScreen):
    """Up and down mark a room; `hold` gets what opens the call that was chosen."""

    BINDINGS = bindings(ROOMS)
    HORIZONTAL_BREAKPOINTS = [(0, "-w-narrow"), (72, "-w-normal")]  # noqa: RUF012 - Textual's
    DEFAULT_CSS = """
    RoomsScreen { background: $background; }
    RoomsScreen #rooms { height: 1fr; max-width: 120; border-top: solid $primary;
        border-title-color: $primary; }
    RoomsScreen Rows, RoomsScreen Rows:focus { max-height: 100%; }
    RoomsScreen #empty { height: 1fr; content-align: center middle; }
    RoomsScreen #about { height: auto; max-width: 120; padding: 0 1; margin-bottom: 1;
        color: $foreground-muted; }
    RoomsScreen #news { height: auto; max-width: 120; padding: 0 1; margin-bottom: 1; }
    RoomsScreen .hidden { display: none; }
    """

    def __init__(self, own: Own, hold: Callable[[Opener], None], leave: Callable[[], None]) -> None:
        super().__init__(ROOMS)
        self._own = own
        self._hold = hold
        self._rooms: Sequence[RoomLine] = ()
        self._heads: dict[str, Heads] = {}
        self._asked_to_forget = ""
        self.does = {
            "enter": lambda _: self._enter(),
            "create": lambda _: self._create(),
            "join": lambda _: self._join(),
            "spoken": lambda _: self._join_by_passcode(),
            "count": lambda _: self._count(),
            "rename": lambda _: self._rename(),
            "forget": lambda _: self._forget(),
            "settings": lambda _: self._open(
                SettingsScreen(own.settings, own.devices(None), HAVE_KEYS)
            ),
            "privacy": lambda _: self._open(PrivacyScreen(own.settings, own.ledger)),
            "palette": lambda _: self.app.action_command_palette(),
            "help": lambda _: self._open(HelpScreen(ROOMS, self.keymap)),
            "quit": lambda _: leave(),
        }

    def compose(self) -> ComposeResult:
        """Yield the list, what is to be said, and the keys."""
        box = Vertical(id="rooms")
        box.border_title = Content("rooms")
        with box:
            yield Rows()
            yield Static("", id="empty", markup=False)
        yield Static("", id="about", markup=False)
        yield Static("", id="news", markup=False)
        yield KeyBar(KEYS, LAST_KEYS)

    def on_mount(self) -> None:
        """Read the list once the screen is drawn, and keep its times true."""
        ask = self._own.settings.now.ask_counts
        self.call_after_refresh(self._do, partial(self._load, ask=ask))
        self.set_interval(REFRESH, self._draw)

    def come_back(self, outcome: Outcome) -> None:
        """Say how a call ended, and read the list again."""
        message = outcome.message or "you left the call"
        self._say(message, outcome.hint, "$error" if outcome.message else "$success")
        self._do(partial(self._load, ask=False))

    # --- what is drawn ---

    async def _load(self, *, ask: bool) -> None:
        self._rooms = await self._own.rooms.saved()
        self._draw()
        self.query_one(Rows).focus()
        if ask:
            self._count()

    def _draw(self) -> None:
        now = dt.datetime.now(dt.UTC)
        rows = [RoomRow(room, now, self._heads.get(room.id, "unknown")) for room in self._rooms]
        self.query_one(Rows).show(rows)
        self.query_one(Rows).set_class(not rows, "hidden")
        empty = self.query_one("#empty", Static)
        empty.set_class(bool(rows), "hidden")
        empty.update(self._welcome())
        self._explain()

    def _welcome(self) -> Content:
        """Return what to do for somebody who was never here."""
        ways = (
            ("create", "open a room, and send its link to others"),
            ("join", "join by a link somebody sent you: or paste it right here"),
            ("spoken", "join by a passcode somebody said aloud"),
        )
        lines = [Content("No rooms yet. Others join yours, or you join theirs:\n")]
        for name, words in ways:
            key = Content(f"{self.keymap.name(name):>3}").stylize("bold $primary")
            lines.append(key + Content(f"   {words:<57}"))
        name = self._own.settings.now.name
        lines.append(Content(f"\nThey see you as {name}.").stylize("$foreground-muted"))
        return Content("\n").join(lines)

    def _explain(self) -> None:
        room = self._marked
        text = Content("")
        if room is not None:
            hosts = hosts_in_words(room)
            hosted = {"": "", "yours": ", hosted by you"}.get(hosts, f", hosted by {hosts}")
            text = Content(room.title).stylize("bold $foreground")
            text += Content(f"  at {room.server}{hosted}. They see you as {self._own_name}.")
        self.query_one("#about", Static).update(text)
        self.query_one("#about").set_class(room is None, "hidden")

    @property
    def _own_name(self) -> str:
        return self._own.settings.now.name

    def _say(self, message: str, hint: str = "", style: str = "$foreground") -> None:
        """Say one thing; what was said before is over."""
        text = Content(sentence(message)).stylize(style)
        more = Content(f" {sentence(hint)}" if hint else "").stylize("$foreground-muted")
        news = self.query_one("#news", Static)
        news.update(text + more)
        news.set_class(not message, "hidden")

    # --- what is done ---

    def carry_out(self, name: str, argument: str = "") -> None:
        """Do it; whatever else is done than forgetting again, it was not meant."""
        if name != "forget":
            self._asked_to_forget = ""
        self._say("")
        super().carry_out(name, argument)

    @property
    def _marked(self) -> RoomLine | None:
        marked = self.query_one(Rows).marked
        return next((room for room in self._rooms if room.id == marked), None)

    def _open(self, window: Screen[None]) -> None:
        self.app.push_screen(window)

    @work
    async def _do(self, doing: Doing) -> None:
        try:
            await doing()
        except SottovoceError as error:
            self._say(error.message, error.hint, "$error")

    def _enter(self) -> None:
        room = self._marked
        if room is None:
            self._say(MARK)
        else:
            self._hold(self._own.rooms.enter(room.id))

    def _create(self) -> None:
        window = LineScreen("open a room on a server", hint=OWN_SERVER, check=lambda _: "")
        self.app.push_screen(window, self._create_at)

    def _create_at(self, server: str | None) -> None:
        if server is not None:
            self._hold(self._own.rooms.create(server.strip()))

    def _join(self, link: str = "") -> None:
        self.app.push_screen(JoinScreen(self._own.rooms, link), self._knock)

    def _join_by_passcode(self) -> None:
        window = PasscodeScreen(self._own.rooms, self._own.settings.now.server)
        self.app.push_screen(window, self._knock)

    def _knock(self, link: str | None) -> None:
        if link is not None:
            self._hold(self._own.rooms.join(link))

    def _count(self) -> None:
        if self._rooms:
            self._say(ASKING, ASKING_COSTS)
        for room in self._rooms:
            self._heads[room.id] = "asked"
            self._do(partial(self._count_in, room.id))
        self._draw()

    async def _count_in(self, room: str) -> None:
        try:
            self._heads[room] = await self._own.rooms.count(room)
        except SottovoceError:
            self._heads[room] = "unreached"
        self._draw()

    def _rename(self) -> None:
        room = self._marked
        if room is None:
            return

        def take(name: str | None) -> None:
            if name is not None:
                self._do(partial(self._change, partial(self._own.rooms.rename, room.id, name)))

        hint = "Only you see it. Empty: call it by who hosts it."
        window = LineScreen("rename the room", value=room.title, hint=hint, check=lambda _: "")
        self.app.push_screen(window, take)

    def _forget(self) -> None:
        room = self._marked
        if room is None:
            return
        if self._asked_to_forget == room.id:
            self._do(partial(self._change, partial(self._own.rooms.forget, room.id)))
            return
        self._asked_to_forget = room.id
        key = self.keymap.name("forget")
        self._say(f"Press {key} again to forget {room.title}", "Its link is gone then", "$warning")

    async def _change(self, change: Doing) -> None:
        await change()
        await self._load(ask=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter goes into the room that is marked."""
        event.stop()
        self.action_do("enter")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say more about the room that is marked."""
        event.stop()
        self._explain()

    def on_paste(self, event: Paste) -> None:
        """Begin to join by a link that was pasted; nothing happens before it is confirmed."""
        event.stop()
        if event.text.strip().lower().startswith(LOOKS_LIKE_A_LINK):
            self._join(event.text)
        else:
            self._say(NO_LINK, "a link begins with https://", "$warning")
