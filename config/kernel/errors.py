"""What a command raises when it refuses: a stable code, a status, and parameters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.translation import gettext

TYPE = "/api/docs/errors/#"


class Again(StrEnum):
    """Whether it makes sense to send a refused request again."""

    NO = "no"
    CORRECTED = "corrected"
    READ_FIRST = "read_first"
    NEW_KEY = "new_key"
    LATER = "later"


BY_STATUS = {
    400: Again.CORRECTED, 401: Again.CORRECTED, 406: Again.CORRECTED, 412: Again.READ_FIRST,
    413: Again.CORRECTED, 415: Again.CORRECTED, 422: Again.CORRECTED, 429: Again.LATER,
    500: Again.LATER, 503: Again.LATER,
}  # fmt: skip


class DomainError(Exception):
    """A refusal that a person or a channel can understand and act on.

    `title` is its meaning in the catalogue of errors; `again` stands there too, and follows from
    the status where a class does not say otherwise.
    """

    code = "refused"
    status = 409
    title = "The request contradicts the present state."
    again: ClassVar[Again | None] = None

    def __init__(self, detail: str = "", **params: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.params = params

    def told(self) -> str:
        """Return the refusal in the reader's language; the API's answers stay English."""
        return gettext(self.title) if self.detail == self.title else self.detail


def kinds(parent: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Yield every refusal the loaded code knows, a parent before its children."""
    yield parent
    for child in parent.__subclasses__():
        yield from kinds(child)


def again(kind: type[DomainError]) -> Again:
    """Return whether a request refused like this may be sent again."""
    return kind.again or BY_STATUS.get(kind.status, Again.NO)


class Busy(DomainError):
    """Others hold what is needed; the same request may be sent again."""

    code = "busy"
    status = 503
    title = "The system is busy with the same records; please try again."


class NotFound(DomainError):
    """Nothing by that name that the caller may see."""

    code = "not_found"
    status = 404
    title = "Not found."


class StaleState(DomainError):
    """Somebody else changed the record first."""

    code = "stale_state"
    status = 409
    title = "Somebody else changed this in the meantime; load it again."
    again = Again.READ_FIRST


class VersionChanged(DomainError):
    """The record is of another version than the caller named; None: there is none yet."""

    code = "precondition_failed"
    status = 412
    title = "This is not the version that was named; read it again."

    def __init__(self, *, version: int | None) -> None:
        super().__init__(version=version)


class InvalidTransition(DomainError):
    """The table of allowed moves does not hold this one."""

    code = "invalid_transition"
    title = "This move is not allowed from the present state."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent; `path` is a JSON path such as `$.lines[1].quantity`."""

    path: str
    code: str
    detail: str


class Invalid(DomainError):
    """The content was understood and is wrong; all faults at once."""

    code = "invalid"
    status = 422
    title = "The content is not valid."

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.detail}" for fault in faults))
        self.faults = tuple(faults)


def document(error: DomainError) -> dict[str, Any]:
    """Return a refusal as an RFC 9457 problem, its parameters and faults beside the code."""
    problem: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **error.params,
    }
    if isinstance(error, Invalid):
        problem["errors"] = [
            {"path": fault.path, "code": fault.code, "detail": fault.detail}
            for fault in error.faults
        ]
    return problem
