from __future__ import annotations

import subprocess
from pathlib import Path

LINES = {
    "sotto jo": "sotto join ",
    "sotto identity sh": "sotto identity show ",
    "sotto call --pa": "sotto call --passcode ",
    "sotto call --no-v": "sotto call --no-video ",
    "sotto call --suite cl": "sotto call --suite classic ",
    "sotto completion fi": "sotto completion fish ",
    "sotto join --audio-in hel": "sotto join --audio-in hello.wav ",
    "sotto ctl unm": "sotto ctl unmute ",
    "sotto ctl 1 unm": "sotto ctl 1 unmute ",
    "sotto ctl 1 events chat admit": "sotto ctl 1 events chat admitted ",
    "sotto robo": "sotto robo",
}


def test_tab_completes_at_a_terminal(typist, tmp_path: Path) -> None:
    (tmp_path / "hello.wav").touch()
    zsh = typist("zsh", "-f", "-i", before="autoload -Uz compinit; compinit -D -u; bindkey -e")
    assert {typed: zsh.tab(typed) for typed in LINES} == LINES


def test_it_is_a_file_for_fpath_as_well(need, script) -> None:
    need("zsh")
    path = script("zsh")
    path.rename(path.with_name("_sotto"))
    load = f"fpath=({path.parent}); autoload -Uz _sotto; autoload +X _sotto && whence -w _sotto"
    done = subprocess.run(["zsh", "-f", "-c", load], capture_output=True, text=True, check=True)
    assert done.stdout == "_sotto: function\n"
