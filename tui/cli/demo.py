"""`sotto demo`: a whole call on this machine, with two robots through the real path."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import click

from tui.cli import report
from tui.cli.commands import COMMANDS
from tui.cli.exits import Exit
from tui.cli.face import hold, load
from tui.cli.options import PLAIN, SECONDS, CallOptions
from tui.cli.place import Place
from tui.conduct import Limits, RunningCall

if TYPE_CHECKING:
    from rooms.events import AnyEvent
    from tui.crew import Crew
    from tui.witness import Observer

ROBOTS = ("Ada", "Grace", "Alan")
"""Names; the first two that are not the person's own take part."""
PATIENCE = 20.0
"""Seconds a headless demo has until everybody noticed everybody."""
PLACE = Place(listen=("127.0.0.1",))


@click.command("demo", help=COMMANDS["demo"])
@click.option("--seconds", type=SECONDS, metavar="N", help="End after N seconds.")
@click.option("--name", metavar="NAME", help="The name the robots see.")
@PLAIN
@click.option("--headless", is_flag=True, help="No screen: check that everybody noticed everybody.")
def command(seconds: float | None, name: str | None, plain: bool, headless: bool) -> int:
    """Hold the demo."""
    if not headless:
        options = CallOptions(name=name, video=True, plain=plain)
        return hold(Demo(options).opener, options, limits=Limits(stay=seconds), announce=False)
    options = CallOptions(
        name=name or "You", headless=True, audio_in="speech:0", video_in="testsrc:0"
    )
    demo = Demo(options, end_when_complete=seconds is None)
    code = hold(demo.opener, options, limits=Limits(PATIENCE, seconds or PATIENCE), announce=False)
    return demo.verdict() if code == Exit.DONE else code


class Demo:
    """The server, the host's session and the robots of one demo."""

    def __init__(self, options: CallOptions, *, end_when_complete: bool = False) -> None:
        self._options = options
        self._end_when_complete = end_when_complete
        self._observers: list[Observer] = []

    @contextlib.asynccontextmanager
    async def opener(self) -> AsyncIterator[RunningCall]:
        """Run the server and give the host's call; the robots come once the room is open."""
        await load("serving", "backend")
        from rooms.own_ledger import own_ledger
        from tui.cli import backend, serving

        async with serving.running(PLACE, own_ledger()) as server:
            # The robots have new keys each time: they are nobody to remember.
            call = backend.host(server, self._options, admit="all", remember=False)
            crew = self._crew(call)
            try:
                yield call
            finally:
                await crew.end()

    def _crew(self, call: RunningCall) -> Crew:
        """Return the robots, who come once the room is open, and have them watched."""
        from rooms.events import Hosting, ParticipantJoined
        from tui.crew import Crew
        from tui.witness import Observer

        own = self._options.name or ""
        names = [robot for robot in ROBOTS if robot.casefold() != own.casefold()][:2]
        host, *robots = self._observers = [Observer(name) for name in (own or "you", *names)]
        crew = Crew({robot.name: self._noticed(robot, call) for robot in robots})
        noticed = self._noticed(host, call)

        def on_event(event: AnyEvent) -> None:
            noticed(event)
            match event:
                case Hosting():
                    crew.invite(event.link)
                case ParticipantJoined() if self._options.headless:
                    call.say(f"Hello, {event.participant.name}.")
                case _:
                    pass

        call.listen(on_event)
        return crew

    def _noticed(self, observer: Observer, call: RunningCall) -> Callable[[AnyEvent], None]:
        from tui.witness import complete

        def on_event(event: AnyEvent) -> None:
            observer.on_event(event)
            if self._end_when_complete and complete(self._observers):
                call.leave()

        return on_event

    def verdict(self) -> int:
        """Print who noticed whom; return 0 only if everybody noticed everybody."""
        from tui.witness import complete, table

        print(table(self._observers))
        if complete(self._observers):
            return Exit.DONE
        report.complain("not everybody heard, saw and read everybody")
        return Exit.PERSON
