"""Links that let somebody choose a password once, and the mails that are to be sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed


class AccessLink(Keyed):
    """A way in for one person, once: an invitation, or a forgotten password.

    Its secret is derived from the key and `SECRET_KEY` (see `services.links`), so the table gives
    nobody in.
    """

    class Purpose(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        RESET = "reset", _("New password")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    origin = models.CharField(max_length=200)
    made_at = models.DateTimeField(_("sent"))
    made_by = models.CharField(_("by"), max_length=150, blank=True)
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="access_link_one_open_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Notice(Keyed):
    """A mail to a member of staff about their account; an errand sends it after the commit."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        RESET = "reset", _("New password")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        FACTOR_CHANGED = "factor_changed", _("Second factor changed")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    link = models.ForeignKey(AccessLink, models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                "due_at",
                name="notice_due",
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
