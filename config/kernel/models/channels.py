"""Legal entities, the sales channels that belong to them, and the keys channels sign in with."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed, Versioned

CODE = RegexValidator(r"^[A-Z0-9][A-Z0-9_-]*$", _("Capital letters, digits, - and _ only."))


class LegalEntity(Versioned):
    """The company that sells: its name, address, currency and VAT numbers per country."""

    code = models.CharField(_("code"), max_length=32, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=200)
    address = models.JSONField(_("address"), default=dict, blank=True)
    country = models.CharField(_("country"), max_length=2, default="GB")
    currency = models.CharField(_("currency"), max_length=3, default="GBP")
    vat_numbers = models.JSONField(_("VAT numbers per country"), default=dict, blank=True)
    eori = models.CharField("EORI", max_length=32, blank=True)

    class Meta:
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")

    def __str__(self) -> str:
        return self.name


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Sales channels as someone may see them."""

    def visible_to(self, user: Any) -> Self:
        """Keep the channels that a member of staff may see: those chosen, or all when none is."""
        chosen = user.channels.through.objects.filter(user=user.pk)
        is_chosen = models.Exists(chosen.filter(channel=models.OuterRef("pk")))
        return self.filter(~models.Exists(chosen) | is_chosen)


class Channel(Versioned):
    """A way orders come in, with the rules they are placed by."""

    class Kind(models.TextChoices):
        API = "api", _("API")
        SHOP = "shop", _("Shop system")
        FILE = "file", _("Files")
        STAFF = "staff", _("Staff")

    class Shortage(models.TextChoices):
        BACKORDER = "backorder", _("Backorder what is missing")
        HOLD = "hold", _("Hold the whole order")
        PARTIAL = "partial", _("Cancel what is missing")
        REFUSE = "refuse", _("Refuse the order")

    class UnknownSku(models.TextChoices):
        HOLD = "hold", _("Keep the order on hold")
        REFUSE = "refuse", _("Refuse the order")

    code = models.CharField(_("code"), max_length=32, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    entity = models.ForeignKey(
        LegalEntity, models.PROTECT, verbose_name=_("legal entity"), related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.API)
    currencies = ArrayField(
        models.CharField(max_length=3), verbose_name=_("currencies"), default=list
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    shortage_policy = models.CharField(
        _("when stock is short"), max_length=12, choices=Shortage, default=Shortage.BACKORDER
    )
    unknown_sku_policy = models.CharField(
        _("when a SKU is unknown"), max_length=8, choices=UnknownSku, default=UnknownSku.HOLD
    )
    price_tolerance_percent = models.DecimalField(
        _("price tolerance in percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_(
            "A line further from the list price waits on hold. Empty: prices are not checked."
        ),
    )
    payment_required = models.BooleanField(
        _("paid before release"),
        default=False,
        help_text=_("Orders wait on hold until they are authorised or paid in full."),
    )
    duplicate_check = models.BooleanField(_("hold suspected duplicates"), default=False)
    allocate_days_before = models.PositiveSmallIntegerField(
        _("days before shipping to allocate"),
        null=True,
        blank=True,
        help_text=_(
            "Orders that are not to be shipped before a later day get their stock so many days "
            "earlier. Empty: at once."
        ),
    )
    default_tax_rate = models.DecimalField(
        _("tax rate in percent"),
        max_digits=7,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("What staff start from when they enter an order."),
    )
    prices_include_tax = models.BooleanField(
        _("prices include tax"),
        default=True,
        help_text=_("What staff start from when they enter an order."),
    )
    is_test = models.BooleanField(
        _("test mode"),
        default=False,
        help_text=_("New orders are marked TEST, get no stock, are never shipped or counted."),
    )
    messages_enabled = models.BooleanField(
        _("send messages to customers"),
        default=False,
        help_text=_("Leave off for shops that send their own."),
    )
    requests_per_minute = models.PositiveIntegerField(
        _("requests a minute"),
        null=True,
        blank=True,
        help_text=_("What each API key may make. Empty: the house's limit. 0: no limit."),
    )
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")

    def __str__(self) -> str:
        return self.name


class ApiKey(Keyed):
    """A channel's key: its public prefix and the hash of the whole, which is shown once.

    It may do what its `scopes` name and nothing else; none means nothing. `warehouses` are the
    codes that its stock scopes are limited to; none means all.
    """

    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+"
    )
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=8, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), default=list)
    warehouses = ArrayField(
        models.CharField(max_length=32),
        verbose_name=_("only these warehouses"),
        default=list,
        blank=True,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} (kapell_{self.prefix}_…)"
