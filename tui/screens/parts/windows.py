"""What opens over the call: help, the palette, the link, the verification code."""

from __future__ import annotations

from textual.screen import Screen

from rooms.events import E2eeState, Hosting, VerificationCode
from tui.ports import AnyEvent
from tui.screens.help import HelpScreen
from tui.screens.link import LinkScreen
from tui.screens.parts.part import Does, Part
from tui.screens.privacy import PrivacyScreen
from tui.screens.settings import SettingsScreen
from tui.screens.verify import VerifyScreen


class Windows(Part):
    """Opens them, and keeps the code on the screen the present one."""

    @property
    def does(self) -> Does:
        """Open a window."""
        return {
            "help": lambda _: self._open(HelpScreen(self.screen.actions, self.screen.keymap)),
            "palette": lambda _: self.screen.app.action_command_palette(),
            "link": self._show_link,
            "privacy": lambda _: self._open(
                PrivacyScreen(self.screen.own.settings, self.screen.own.ledger)
            ),
            "settings": lambda _: self._show_settings(),
        }

    def on_event(self, event: AnyEvent) -> None:
        """Show a code that was asked for, or another one in its place."""
        match event:
            case Hosting() if self.screen.show_code:
                self._open(LinkScreen(event.link, code_first=True))
            case VerificationCode():
                self._show_code(event)
            case E2eeState():
                over = isinstance(self.screen.app.screen, VerifyScreen)
                if over and self.call is not None:
                    self.call.verification.ask()
            case _:
                pass

    def _open(self, window: Screen[None]) -> None:
        self.screen.app.push_screen(window)

    def _show_settings(self) -> None:
        own = self.screen.own
        if self.call is None:
            return
        self._open(SettingsScreen(own.settings, own.devices(self.call), self.screen.actions))

    def _show_link(self, argument: str) -> None:
        link = self.call.link if self.call else ""
        if link:
            self._open(LinkScreen(link))
        else:
            self.screen.say("There is no link yet.")

    def _show_code(self, code: VerificationCode) -> None:
        top = self.screen.app.screen
        if isinstance(top, VerifyScreen):
            self.screen.call_later(top.show, code)
        elif self.call is not None:
            self._open(VerifyScreen(code, self.call.verification.answer))
