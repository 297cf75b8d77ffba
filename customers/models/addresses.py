"""Customers' addresses: as given, checked per country; a failed check is kept and marked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from customers.models.customers import Customer


class Address(Keyed):
    """One address of a customer; `digest` recognises the same address when it comes again."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, verbose_name=_("customer"), related_name="addresses"
    )
    digest = models.CharField(max_length=64, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    line1 = models.CharField(_("address"), max_length=200, blank=True)
    line2 = models.CharField(_("address, second line"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    region = models.CharField(_("region"), max_length=120, blank=True)
    postal_code = models.CharField(_("postcode"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    is_valid = models.BooleanField(_("checked"), default=True)
    problems = models.JSONField(_("problems"), default=list, blank=True)
    first_used_at = models.DateTimeField(_("first used"))

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "digest"], name="address_once_per_customer"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.line1, self.postal_code, self.city) if part)
