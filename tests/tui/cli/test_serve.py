from __future__ import annotations

import signal

from tui.cli.exits import Exit


def test_a_server_prints_how_to_use_it_and_a_room_opens_on_it(sotto) -> None:
    server = sotto("serve", "--listen", "127.0.0.1")
    while not (line := server.out.read_text()).endswith("\n"):
        assert server.process.poll() is None, server.err.read_text()
    assert line.startswith("sotto call --server 127.0.0.1:")
    host = sotto("call", "--server", line.split()[-1], "--headless", "--jsonl")
    assert host.expect("hosting")["link"].startswith(
        f"https://{line.split()[-1].partition('#')[0]}/r/#"
    )
    host.write("/leave")
    assert host.wait() == Exit.DONE
    server.process.send_signal(signal.SIGINT)
    assert server.wait() == Exit.INTERRUPTED
    assert "Traceback" not in server.err.read_text()


def test_a_port_in_use_is_one_line_and_exit_code_three(sotto) -> None:
    first = sotto("serve", "--listen", "127.0.0.1")
    while not (line := first.out.read_text()).endswith("\n"):
        assert first.process.poll() is None, first.err.read_text()
    port = line.split()[-1].partition("#")[0].rpartition(":")[2]
    second = sotto("serve", "--listen", "127.0.0.1", "--port", port)
    assert second.wait() == Exit.NETWORK
    assert second.err.read_text().startswith(f"sotto: cannot listen on TCP port {port}")
    assert len(second.err.read_text().splitlines()) == 2
