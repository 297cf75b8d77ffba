"""Wrong passwords and codes, counted per account and address."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed


class Guess(Keyed):
    """How often an address guessed at an account, and until when it has to wait.

    `account` is a user's key, the keyed hash of a name nobody has, or `*` for all accounts.
    """

    account = models.CharField(max_length=80)
    address = models.CharField(_("address"), max_length=45)
    failures = models.PositiveIntegerField()
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(_("locked until"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["account", "address"], name="guess_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.address}"
