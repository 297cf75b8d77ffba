"""The second factor: an app that shows codes, codes on paper, and who must have one."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed


class SecondFactor(Keyed):
    """The authenticator app of one person. `last_step` is the time step of the last code taken."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sealed = models.TextField()
    last_step = models.BigIntegerField()
    added_at = models.DateTimeField(_("set up"))

    class Meta:
        default_permissions = ()
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(Keyed):
    """One of ten codes that stand in for the app, each once; only its hash is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RequiredRole(models.Model):
    """A role whose people sign in with a second factor only."""

    group = models.OneToOneField(Group, models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        verbose_name = _("role with a second factor")
        verbose_name_plural = _("roles with a second factor")

    def __str__(self) -> str:
        return self.group.name
