"""What people's accounts refuse, by code."""

from datetime import datetime

from config.kernel.errors import DomainError


class LockedOut(DomainError):
    """Too many wrong passwords or codes; more may be tried at `until`."""

    code, status = "locked_out", 429
    title = "Too many wrong attempts. Wait a while, or ask an administrator to unlock you."

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until


class LinkNotValid(DomainError):
    code, status = "link_not_valid", 410
    title = "This link was used, has expired or was revoked. Ask for a new one."


class WrongCode(DomainError):
    code, status = "wrong_code", 422
    title = "This code is wrong or was used already. Wait for the next one."


class FactorIsRequired(DomainError):
    code = "second_factor_required"
    title = "Your role requires a second factor."


class LastAdministrator(DomainError):
    code = "last_administrator"
    title = "Somebody must stay who can manage people."


class NotYourself(DomainError):
    code = "not_yourself"
    title = "Somebody else has to do this to your account."


class AddressTaken(DomainError):
    code = "address_taken"
    title = "Somebody else has this e-mail address."


class Deactivated(DomainError):
    code = "deactivated"
    title = "This person is deactivated."
