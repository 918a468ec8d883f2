"""Events of files, as scripts read them."""

from __future__ import annotations

import msgspec

from rooms.events import FileDone, FileFailed, FileOffered, FileProgress
from rooms.file_events import FileFields

FIELDS = FileFields(
    file="ab" * 16, number=3, leaf=1, name="Ada", file_name="x\n.pdf", size=7, mine=False
)


def test_all_say_whose_file_it_is_and_which() -> None:
    for event in (
        FileOffered(**FIELDS),
        FileProgress(**FIELDS, done=5),
        FileDone(**FIELDS),
        FileFailed(**FIELDS, reason="incomplete"),
    ):
        line = msgspec.json.encode(event)
        assert b"\n" not in line
        read = msgspec.json.decode(line)
        assert FIELDS.items() <= read.items()
        assert (read["event"], read["v"]) == (event.__struct_config__.tag, 1)
