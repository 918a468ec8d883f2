"""Errors of files: the person's, each with a code of its own."""

from __future__ import annotations

from e2ee.errors import Fault
from rooms import file_errors
from rooms.file_errors import FileError


def test_each_has_its_own_code_and_is_something_a_person_can_mend() -> None:
    kinds = [
        kind
        for kind in vars(file_errors).values()
        if isinstance(kind, type) and issubclass(kind, FileError)
    ]
    codes = {kind.code for kind in kinds}
    assert len(codes) == len(kinds) == 8
    assert all(code.startswith("file.") for code in codes)
    assert {kind.fault for kind in kinds} == {Fault.PERSON}
