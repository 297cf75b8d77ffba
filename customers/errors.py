"""Why a change to a customer is refused."""

from config.kernel.errors import DomainError


class MergedIntoItself(DomainError):
    """Two different customers are needed for a merge."""

    code = "merged_into_itself"
    title = "A customer cannot be merged into itself."


class MergedAway(DomainError):
    """The customer was merged into another one, which is the one to work with."""

    code = "merged_away"
    title = "This customer was merged into another one."


class ReasonMissing(DomainError):
    """A decision about a customer needs a reason that others can read."""

    code, status = "reason_missing", 422
    title = "Give a reason."
