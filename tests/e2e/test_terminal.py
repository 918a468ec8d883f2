"""The call in a real terminal: tmux draws it, keys are typed, the screen is read back."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from terminal import Terminal, assert_restored, processes_of_home


def test_a_demo_call_is_drawn_and_left(terminal: Terminal) -> None:
    before = terminal.title
    terminal.run("demo")
    terminal.shows("3 in the room")
    terminal.shows("(?s)(▀[^▀]*){40}")  # pictures, in half blocks
    for text in ("Ada", "Grace", "encrypted"):
        terminal.shows(text)
    terminal.awaits("the title", lambda: terminal.title == "sotto: 3 in the room")
    terminal.press("Enter")
    terminal.type("hello there")
    terminal.press("Enter")
    terminal.shows("hello there")
    terminal.press("Escape")
    for size in ((60, 20), (160, 48), (80, 24)):
        terminal.resize(*size)
        terminal.shows(rf"(?m)^(?=.{{{size[0] - 2},}}$) .*encrypted.*help")
    terminal.press("q")
    assert_restored(terminal, 0)
    assert terminal.title == before


def test_ctrl_c_restores_the_terminal(terminal: Terminal) -> None:
    terminal.run("call", "--listen", "127.0.0.1")
    terminal.shows("encrypted")
    assert terminal.alternate
    os.kill(foreground(terminal), 2)
    assert_restored(terminal, 130)


def test_a_stopped_call_is_muted_and_comes_back_drawn(terminal: Terminal) -> None:
    terminal.run("call", "--listen", "127.0.0.1", "--audio-in", "speech", "--video-in", "testsrc")
    terminal.shows("mic (on|live)")
    terminal.press("C-z")
    terminal.shows(r"Stopped[^$]*\$\s*$")
    assert not terminal.alternate
    terminal.type("fg")
    terminal.press("Enter")
    terminal.shows("(?s)1 in the room.*× muted")
    terminal.shows("Nobody else is here yet")
    assert terminal.alternate
    terminal.press("m")
    terminal.shows("mic (on|live)")
    os.kill(foreground(terminal), signal.SIGSTOP)  # nobody is told of this one
    # Wherever the cursor was: what the shell writes there may be broken, or wrapped.
    terminal.awaits("the shell", lambda: terminal.shell_has_it)
    terminal.type("fg")
    terminal.press("C-j")  # the terminal is as the application wants it
    terminal.shows("(?s)1 in the room.*× muted")
    terminal.press("q")
    assert_restored(terminal, 0)


def test_a_key_that_repeats_is_held_to_talk(terminal: Terminal) -> None:
    terminal.resize(160, 30)
    terminal.run("call", "--listen", "127.0.0.1", "--audio-in", "speech")
    terminal.shows("mic (on|live)")
    terminal.press("m")
    terminal.shows("× muted.*space: talk on and off")
    for _ in range(20):  # as a held key comes through tmux: presses, and no release
        terminal.press("Space")
    terminal.shows("× muted.*space: hold to talk, ends late")
    terminal.press("q")
    assert_restored(terminal, 0)


def foreground(terminal: Terminal) -> int:
    """Return the process that has the terminal: what Ctrl-C would reach."""
    shell = int(terminal._tmux("display-message", "-p", "#{pane_pid}"))
    tree = subprocess.run(["ps", "-o", "pid=", "--ppid", str(shell)], capture_output=True,
                          text=True, check=True)  # fmt: skip
    return int(tree.stdout.split()[0])


def test_a_closed_window_ends_the_call(terminal: Terminal) -> None:
    terminal.run("demo")
    terminal.shows("3 in the room")
    terminal.close()
    deadline = time.monotonic() + 20
    while processes_of_home(terminal.home) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of_home(terminal.home) == []


def test_who_waits_for_a_killed_server_may_leave(terminal: Terminal, sotto: object) -> None:
    assert callable(sotto)
    host = sotto("call", "--headless", "--jsonl", "--listen", "127.0.0.1", "--admit", "all",
                 "--audio-in", "none", "--audio-out", "none", "--video-in", "none")  # fmt: skip
    link = host.expect("hosting")["link"]
    terminal.run("join", f"'{link}'")
    terminal.shows("2 in the room")
    host.kill()
    terminal.shows("connection lost")
    terminal.press("q")
    assert_restored(terminal, 0)


def test_a_knock_is_shown_and_admitted_by_a_key(terminal: Terminal, sotto: object) -> None:
    assert callable(sotto)
    terminal.run("call", "--listen", "127.0.0.1")
    terminal.shows("encrypted")
    link = terminal.copied_link()
    guest = sotto("join", "-", "--headless", "--jsonl", "--name", "Noor", "--audio-in", "none",
                  "--audio-out", "none", "--video-in", "none", stdin=link)  # fmt: skip
    terminal.shows("Noor")
    assert guest.events("joined") == []
    time.sleep(1.0)  # keys typed just as a knock appears do not answer it
    terminal.press("a")
    guest.expect("joined")
    terminal.shows("2 in the room")


def test_a_plain_call_stops_and_goes_on_with_nobody_heard(terminal: Terminal) -> None:
    terminal.run("demo", "--plain")
    for robot in ("Ada", "Grace"):
        terminal.shows(f"{robot} came in")
    terminal.press("C-z")
    terminal.shows("(?s)When you continue, you are muted.*Stopped")
    terminal.type("stty -a | grep -c ' echo '")
    terminal.press("Enter")
    terminal.shows("(?m)^1$")
    terminal.type("fg")
    terminal.press("Enter")
    terminal.type("/people")
    terminal.press("Enter")
    terminal.shows(r"Ada: key not seen before")
    assert "^Z" not in terminal.screen
    terminal.press("C-c")
    assert_restored(terminal, 130)
