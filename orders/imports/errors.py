"""What makes a mapping file impossible to use."""

from collections.abc import Sequence

from config.kernel.errors import DomainError


class BadMapping(DomainError):
    """The mapping does not say what it must; `faults` are all things wrong with it."""

    code, status = "mapping_invalid", 422
    title = "The mapping is not valid."

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)
