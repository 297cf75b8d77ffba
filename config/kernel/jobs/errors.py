"""Why a job does not start, and why a running one stops."""

from config.kernel.errors import DomainError


class NotAllowed(DomainError):
    code, status = "not_allowed", 403
    title = "This person may not do this."


class NothingChosen(DomainError):
    code, status = "nothing_chosen", 422
    title = "Nothing is chosen."


class TooMany(DomainError):
    code, status = "too_many", 422
    title = "This is more than one job may be about."


class Lost(Exception):
    """Another worker has taken the job over, so whatever was about to commit must not."""


class Stopped(Exception):
    """The job must not go on, whatever is left to do; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
