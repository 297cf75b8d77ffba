"""What makes a whole file, or the mapping beside it, impossible to import."""

from collections.abc import Sequence

from config.kernel.errors import DomainError


class Unreadable(DomainError):
    """The file is damaged, too large, of another kind than its name says, or lacks a column."""

    code, status = "file_unreadable", 422
    title = "The file cannot be read."


class BadMapping(DomainError):
    """The mapping does not say what it must; `faults` are all things wrong with it."""

    code, status = "mapping_invalid", 422
    title = "The mapping is not valid."

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)
