from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from media.errors import DeviceError
from rooms.settings import Settings
from tui.cli.options import CallOptions, call_options, server_options
from tui.conditions import Condition
from tui.conduct import Limits
from tui.hooks import Hook

SETTINGS = Settings(name="Ada", audio_in="default", audio_out="default", video_in="camera")


def parsed(*arguments: str) -> CallOptions:
    found: list[CallOptions] = []

    @click.command()
    @call_options
    def command(options: CallOptions) -> int:
        found.append(options)
        return 0

    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return found[0]


def test_all_of_the_options_become_one_value() -> None:
    options = parsed(
        *("--name", "Ada", "--headless", "--jsonl", "--muted", "--no-video"),
        *("--audio-in", "-", "--audio-out", "x.wav", "--video-in", "testsrc"),
        *("--timeout", "5", "--for", "2.5", "--until", "chat=done", "--until", "ended"),
    )
    until = Condition("chat", "=", "done"), Condition("ended")
    limits = {"timeout": 5.0, "stay": 2.5, "until": until}
    assert options == CallOptions("Ada", True, True, "-", "x.wav", "testsrc", True, False, **limits)
    assert options.limits() == Limits(**limits)


def test_an_event_that_is_none_is_a_usage_error_that_lists_those_there_are() -> None:
    result = CliRunner().invoke(click.command()(call_options(lambda options: 0)), ["--until", "x"])
    assert result.exit_code == 2
    assert "participant_joined" in result.output


def test_the_suite_is_the_best_there_is_unless_the_classic_one_is_asked_for() -> None:
    assert parsed().suite == "auto"
    assert parsed("--suite", "classic").suite == "classic"


def test_how_loud_one_is_can_be_hidden_for_a_call_or_for_good() -> None:
    assert CallOptions().configure(SETTINGS).share_level
    assert not parsed("--hide-level").configure(SETTINGS).share_level
    discreet = Settings(name="Ada", share_level=False)
    assert not CallOptions().configure(discreet).share_level


def test_packets_have_one_size_unless_the_settings_say_otherwise() -> None:
    assert CallOptions().configure(SETTINGS).constant_bitrate
    frugal = Settings(name="Ada", constant_bitrate=False)
    assert not CallOptions().configure(frugal).constant_bitrate


def test_a_script_opens_no_microphone_by_itself() -> None:
    media = CallOptions(headless=True).configure(SETTINGS)
    assert (media.audio_in, media.audio_out, media.video_in) == ("none", "none", "none")
    media = CallOptions(headless=True, audio_in="default").configure(SETTINGS)
    assert media.audio_in == "default"


def test_with_a_screen_the_settings_decide_and_flags_win() -> None:
    media = CallOptions().configure(SETTINGS)
    assert (media.audio_in, media.audio_out, media.video_in) == ("default", "default", "camera")
    media = CallOptions(video_in="testsrc", muted=True, video=False).configure(SETTINGS)
    assert (media.video_in, media.muted, media.camera) == ("testsrc", True, False)


def test_the_camera_is_off_on_entry_and_the_microphone_on_unless_settings_say_otherwise() -> None:
    media = CallOptions().configure(SETTINGS)
    assert (media.muted, media.camera) == (False, False)
    other = Settings(name="Ada", microphone_on=False, camera_on=True)
    media = CallOptions().configure(other)
    assert (media.muted, media.camera) == (True, True)
    assert parsed("--video").configure(SETTINGS).camera
    assert not parsed("--no-video").configure(other).camera


def test_a_source_that_is_asked_for_is_on_from_the_start() -> None:
    silent = Settings(name="Ada", microphone_on=False)
    media = CallOptions(audio_in="speech", video_in="testsrc", headless=True).configure(silent)
    assert (media.muted, media.camera) == (False, True)


@pytest.mark.parametrize(
    ("options", "reads_link"),
    [
        (CallOptions(headless=True, jsonl=True, audio_out="-"), False),
        (CallOptions(headless=True, jsonl=True, audio_out="ogg:-"), False),
        (CallOptions(audio_out="pcm:-"), False),
        (CallOptions(headless=True, audio_in="-"), True),
        (CallOptions(jsonl=True), False),
        (CallOptions(audio_in="-"), False),
        (CallOptions(audio_out="-"), False),
    ],
)
def test_standard_streams_are_used_once_and_without_a_screen(
    options: CallOptions, reads_link: bool
) -> None:
    with pytest.raises(click.UsageError):
        options.check(reads_link=reads_link)


def test_what_fits_together_is_accepted() -> None:
    CallOptions(headless=True, jsonl=True, audio_in="-").check()
    CallOptions(headless=True, audio_in="-", audio_out="-").check()
    CallOptions(video_in="testsrc").check(reads_link=True)


def test_a_server_listens_on_several_addresses() -> None:
    found: list[tuple[tuple[str, ...], int]] = []

    @click.command()
    @server_options
    def command(listen: tuple[str, ...], port: int) -> int:
        found.append((listen, port))
        return 0

    CliRunner().invoke(command, ["--listen", "127.0.0.1", "--listen", "::1", "--port", "4433"])
    CliRunner().invoke(command, [])
    assert found == [(("127.0.0.1", "::1"), 4433), ((), 0)]


def test_plain_lines_are_asked_for_by_a_flag_or_for_good(monkeypatch) -> None:
    assert not parsed().plain
    assert parsed("--plain").plain
    monkeypatch.setenv("SOTTO_PLAIN", "1")
    assert parsed().plain


def test_neither_to_speak_nor_to_hear_is_one_flag() -> None:
    media = parsed("--no-audio").configure(SETTINGS)
    assert (media.audio_in, media.audio_out, media.video_in) == ("none", "none", "camera")
    parsed("--no-audio", "--video-in", "testsrc").check()
    for contradicts in ("--audio-in", "--audio-out"):
        with pytest.raises(click.UsageError, match="--no-audio"):
            parsed("--no-audio", contradicts, "default").check()


def test_commands_run_without_a_screen_only() -> None:
    hook = Hook(Condition("chat"), ("true",))
    CallOptions(on=(hook,), headless=True).check()
    with pytest.raises(click.UsageError, match="--on needs --headless"):
        CallOptions(on=(hook,)).check()


def test_how_loud_it_is_is_told_without_a_screen_only() -> None:
    parsed("--levels", "--headless").check()
    with pytest.raises(click.UsageError, match="--levels needs --headless"):
        parsed("--levels").check()


def test_plain_is_not_headless() -> None:
    with pytest.raises(click.UsageError):
        CallOptions(plain=True, headless=True).check()


@pytest.mark.parametrize("option", ["--audio-in", "--video-in"])
def test_a_file_that_is_missing_is_told_before_there_is_a_call(option: str, tmp_path) -> None:
    missing = tmp_path / "hello.wav"
    with pytest.raises(DeviceError, match=r"hello\.wav cannot be played: there is no such file"):
        parsed("--headless", option, str(missing)).check()
    missing.touch()
    parsed("--headless", option, str(missing)).check()
