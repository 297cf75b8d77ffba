"""Who is signed in where."""

from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel import ids


class StaffSession(AbstractBaseSession):
    """A session that knows whose it is; `number` names it on screens, which never show its key.

    It ends at `expire_date`, after an idle while, and for good at `ends_at`.
    """

    number = models.UUIDField(default=ids.new, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    address = models.CharField(_("address"), max_length=45, blank=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("signed in"))
    seen_at = models.DateTimeField(_("last seen"))
    ends_at = models.DateTimeField(_("ends"))

    objects: ClassVar[Any] = BaseSessionManager()

    class Meta:
        default_permissions = ()
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore
