"""Orders and their lines: what was asked for, what it costs, and in which bucket each unit is."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel.models.bases import Keyed
from config.kernel.models.channels import Channel
from customers.models import Customer
from inventory.models import Product
from orders import states

MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 3}


class OrderQuerySet(models.QuerySet["Order"]):
    """Orders as someone may see them."""

    def for_channel(self, channel_id: Any) -> Self:
        """Keep one channel's orders: the only scope the API knows."""
        return self.filter(channel_id=channel_id)

    def visible_to(self, user: Any) -> Self:
        """Keep the orders of the channels a member of staff may see."""
        return self.filter(channel__in=Channel.objects.visible_to(user))

    def not_finished(self) -> Self:
        """Keep what still has work to do."""
        return self.filter(status=states.OrderStatus.OPEN)


class Order(Keyed):
    """What a customer ordered through one channel; `reference` is the channel's, unique for ever.

    The three statuses are figures: derived from quantities and money by `orders.states.derive`,
    cached by `orders.services.progress.refresh`, set by nobody. Amounts are in `currency`;
    `total_amount` is what the channel charged. `version` counts the order's events.
    """

    number = models.TextField(_("number"), editable=False)
    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("sales channel"), related_name="+", db_index=False
    )
    reference = models.CharField(_("reference"), max_length=120)
    customer = models.ForeignKey(
        Customer, models.PROTECT, verbose_name=_("customer"), related_name="+", null=True
    )
    # A sandbox's order: it gets no stock, never leaves, and no number counts it.
    is_test = models.BooleanField(_("test order"), default=False, db_default=False)
    customer_order_number = models.CharField(
        _("customer's order number"), max_length=80, blank=True
    )
    origin = models.CharField(_("origin"), max_length=8, choices=states.Origin.choices)
    placed_at = models.DateTimeField(_("placed"))
    placed_at_sent = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("received"))
    updated_at = models.DateTimeField(_("changed"))
    version = models.BigIntegerField(default=1)

    status = models.CharField(_("status"), max_length=10, choices=states.OrderStatus.choices)
    payment_status = models.CharField(
        _("payment"), max_length=20, choices=states.PaymentStatus.choices
    )
    fulfillment_status = models.CharField(
        _("fulfilment"), max_length=20, choices=states.FulfillmentStatus.choices
    )
    is_held = models.BooleanField(_("on hold"), default=False)
    is_short = models.BooleanField(_("backordered"), default=False)
    released_at = models.DateTimeField(_("released to warehouse"), null=True)

    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=states.Priority.choices, default=states.Priority.NORMAL
    )
    ship_by = models.DateTimeField(_("ship by"), null=True)
    deliver_by = models.DateTimeField(_("deliver by"), null=True)
    ship_not_before = models.DateField(_("ship not before"), null=True)
    # When an order for later asks for its stock; without it, as soon as it can.
    allocate_at = models.DateTimeField(_("allocated from"), null=True)
    ship_complete = models.BooleanField(_("ship complete"), default=False)
    shipping_method = models.CharField(_("shipping method"), max_length=60, blank=True)

    currency = models.CharField(_("currency"), max_length=3)
    prices_include_tax = models.BooleanField(_("prices include tax"), default=True)
    subtotal_amount = models.DecimalField(_("lines"), **MONEY)
    discount_amount = models.DecimalField(_("discount"), **MONEY)
    shipping_amount = models.DecimalField(_("shipping"), **MONEY)
    shipping_tax_rate = models.DecimalField(_("shipping tax rate"), max_digits=7, decimal_places=4)
    fees = models.JSONField(_("fees"), default=list)
    tax_amount = models.DecimalField(_("tax"), **MONEY)
    rounding_amount = models.DecimalField(_("rounding"), **MONEY)
    total_amount = models.DecimalField(_("total"), **MONEY)
    paid_amount = models.DecimalField(_("paid"), **MONEY)
    authorized_amount = models.DecimalField(_("authorised"), **MONEY)
    refunded_amount = models.DecimalField(_("refunded"), **MONEY)
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms in days"), null=True)
    tax_collected_by = models.CharField(
        _("tax collected by"), max_length=12, choices=states.TaxCollector.choices
    )

    shipping_address = models.JSONField(_("shipping address"), default=dict)
    billing_address = models.JSONField(_("billing address"), null=True)
    ship_name = models.CharField(_("name"), max_length=200, blank=True)
    name_key = models.CharField(max_length=200, blank=True)
    ship_country = models.CharField(_("country"), max_length=2, blank=True)
    postcode_key = models.CharField(max_length=20, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    email_key = models.CharField(max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)

    gift_message = models.TextField(_("gift message"), blank=True)
    note = models.TextField(_("customer's note"), blank=True)
    metadata = models.JSONField(default=dict)
    tags = ArrayField(
        models.CharField(max_length=40), verbose_name=_("tags"), default=list, db_default=[]
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("cancel_order", _("Can cancel orders")),
            ("hold_order", _("Can put orders on hold")),
            ("release_hold", _("Can release holds")),
            ("note_order", _("Can write notes and tags")),
            ("export_order", _("Can export orders")),
            ("give_stock", _("Can give an order's stock to another")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="order_number_once"),
            models.UniqueConstraint(
                fields=["channel", "reference"], name="order_reference_once_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(paid_amount__gte=0, authorized_amount__gte=0, refunded_amount__gte=0),
                name="order_money_not_negative",
            ),
        ]
        indexes = [
            models.Index("channel", "placed_at", "id", name="order_channel_placed"),
            models.Index("placed_at", "id", name="order_placed"),
            models.Index(
                "priority", "ship_by", "id", name="order_work", condition=Q(status="open")
            ),
            models.Index(
                "allocate_at",
                name="order_for_later",
                condition=Q(status="open", allocate_at__isnull=False),
            ),
            models.Index("email_key", name="order_email", condition=~Q(email_key="")),
            models.Index("postcode_key", name="order_postcode", condition=~Q(postcode_key="")),
            models.Index("phone", name="order_phone", condition=~Q(phone="")),
            models.Index(
                fields=["name_key"],
                name="order_name",
                opclasses=["varchar_pattern_ops"],
                condition=~Q(name_key=""),
            ),
            models.Index(
                "customer_order_number",
                name="order_of_customer",
                condition=~Q(customer_order_number=""),
            ),
            GinIndex(fields=["tags"], name="order_tags", condition=~Q(tags=[])),
            GinIndex(
                SearchVector("name_key", config="simple"),
                name="order_name_words",
                condition=~Q(name_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(Keyed):
    """A line: each ordered unit is in exactly one bucket. Its id is inventory's demand.

    `pending` has not asked for stock yet (held, unknown SKU, non-stock, history); `assigned` is on
    a shipment. A SKU that means several units of products is kept as it was sent, in a line with
    `set_quantity`: it has no product, and its buckets and amounts are nothing, so that sums over
    lines count once. Below it hang its components (`parent_line`, `per_kit` units in each one
    sold), which carry buckets and amounts.
    """

    order = models.ForeignKey(
        Order, models.CASCADE, verbose_name=_("order"), related_name="lines", db_index=False
    )
    position = models.PositiveIntegerField(_("line"))
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    sku = models.CharField(_("SKU"), max_length=64)
    sku_key = models.CharField(max_length=192)
    # Found by SKU, or by product where it is waiting: an index of its own would slow every order.
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        verbose_name=_("product"),
        related_name="+",
        null=True,
        db_index=False,
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    is_stocked = models.BooleanField(_("stocked item"), default=True)
    parent_line = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="children", db_index=False
    )
    per_kit = models.PositiveIntegerField(null=True)
    set_quantity = models.PositiveIntegerField(null=True)

    ordered = models.PositiveIntegerField(_("ordered"))
    cancelled = models.PositiveIntegerField(_("cancelled"), default=0)
    pending = models.PositiveIntegerField(_("pending"), default=0)
    backordered = models.PositiveIntegerField(_("backordered"), default=0)
    reserved = models.PositiveIntegerField(_("allocated"), default=0)
    assigned = models.PositiveIntegerField(_("in warehouse"), default=0)
    shipped = models.PositiveIntegerField(_("shipped"), default=0)
    returned = models.PositiveIntegerField(_("returned"), default=0)

    unit_price = models.DecimalField(_("unit price"), max_digits=20, decimal_places=6)
    discount_amount = models.DecimalField(_("discount"), **MONEY)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=7, decimal_places=4)
    amount = models.DecimalField(_("amount"), **MONEY)
    net_amount = models.DecimalField(_("net"), **MONEY)
    tax_amount = models.DecimalField(_("tax"), **MONEY)
    buyer_item_number = models.CharField(_("buyer's item number"), max_length=80, blank=True)
    attributes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="line_position_once"),
            models.CheckConstraint(
                condition=Q(
                    ordered=F("cancelled")
                    + F("pending")
                    + F("backordered")
                    + F("reserved")
                    + F("assigned")
                    + F("shipped")
                ),
                name="line_buckets_add_up",
            ),
            models.CheckConstraint(
                condition=Q(returned__lte=F("shipped")), name="line_returned_once"
            ),
            models.CheckConstraint(
                condition=Q(set_quantity__isnull=True)
                | Q(ordered=0, amount=0, product__isnull=True, parent_line__isnull=True),
                name="line_of_a_set_carries_nothing",
            ),
            models.CheckConstraint(
                condition=Q(parent_line__isnull=True, per_kit__isnull=True)
                | Q(parent_line__isnull=False, per_kit__gte=1),
                name="line_of_a_set_has_its_part",
            ),
        ]
        indexes = [
            models.Index(
                "product",
                name="line_waiting",
                condition=Q(backordered__gt=0),
                include=["backordered"],
            ),
            models.Index("sku_key", "order", name="line_sku"),
            models.Index(
                "sku_key",
                "id",
                name="line_unknown",
                condition=Q(product__isnull=True, set_quantity__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ordered} × {self.sku}"


class Intake(models.Model):
    """How an order came in: the fingerprint of its content and the answer given, kept for ever."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="intake")
    fingerprint = models.CharField(max_length=64)
    answer = models.TextField()

    class Meta:
        verbose_name = _("intake")
        verbose_name_plural = _("intakes")

    def __str__(self) -> str:
        return self.fingerprint
