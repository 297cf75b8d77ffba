"""Links that let somebody in once, mails about accounts, second factors, guesses, sessions."""

from config.people.models.factors import RecoveryCode, RequiredRole, SecondFactor
from config.people.models.guesses import Guess
from config.people.models.links import AccessLink, Notice
from config.people.models.sessions import StaffSession

__all__ = [
    "AccessLink",
    "Guess",
    "Notice",
    "RecoveryCode",
    "RequiredRole",
    "SecondFactor",
    "StaffSession",
]
