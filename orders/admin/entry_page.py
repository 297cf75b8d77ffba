"""What the form of a new order starts from: nothing, a customer, or an earlier order."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any
from uuid import UUID

from babel import Locale
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.kernel.models import Channel, LegalEntity
from customers import addresses
from customers.models import Customer
from orders import states
from orders.admin import entry_choices
from orders.models import Order
from orders.queries import entry as lookups

METHODS = ("standard", "express", "pallet", "collect")
Told = dict[str, Any]


def key(text: str) -> UUID | None:
    """Return a key from an address, None for what is none."""
    with suppress(ValueError):
        return UUID(text)
    return None


def start(
    *,
    channels: Sequence[Channel],
    token: str,
    customer: Customer | None,
    copied: Order | None,
) -> Told:
    """Return what the page's script begins with; amounts as the reader would type them."""
    homes = dict(LegalEntity.objects.values_list("pk", "country"))
    chosen = copied.customer_id if copied else customer and customer.pk
    return {
        "token": token,
        "channels": {str(one.pk): _rules(one, homes[one.entity_id]) for one in channels},
        "customer": str(chosen) if chosen else "",
        "copied": _copied(copied, channels) if copied else None,
        "urls": {
            name: reverse(f"admin:orders_order_new_{name}")
            for name in ("customers", "customer", "products", "preview", "place")
        },
        "say": _sayings(),
    }


def choices(channels: Sequence[Channel]) -> Told:
    """Return what the form offers to choose from."""
    return {
        "countries": _countries(get_language() or "en"),
        "currencies": sorted({code for one in channels for code in one.currencies}),
        "methods": METHODS,
        "priorities": [(one.name.lower(), one.label) for one in states.Priority],
    }


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    """Each country by its name in a language."""
    names = Locale.parse(language, sep="-").territories
    found = [(code, names.get(code, code)) for code in addresses.countries()]
    return sorted(found, key=lambda country: country[1])


def _rules(channel: Channel, country: str) -> Told:
    rate = entry_choices.rate(channel.default_tax_rate)
    return {
        "currencies": channel.currencies,
        "tax_rate": entry_choices.typed(rate),
        "prices_include_tax": channel.prices_include_tax,
        "country": country,
    }


def _copied(order: Order, channels: Sequence[Channel]) -> Told:
    """An earlier order to start from: who, where to and what; not when, nor how it was paid."""
    same = [one for one in channels if one.pk == order.channel_id]
    fitting = [one for one in channels if order.currency in one.currencies]
    return {
        "number": order.number,
        "channel": str(same[0].pk if same else fitting[0].pk if fitting else ""),
        "currency": order.currency,
        "prices_include_tax": order.prices_include_tax,
        "contact": _contact(order),
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address or {},
        "shipping_method": order.shipping_method,
        "shipping_amount": entry_choices.price(order.shipping_amount, order.currency),
        "lines": [entry_choices.again(line, order.currency) for line in lookups.again(order=order)],
    }


def _contact(order: Order) -> Mapping[str, str]:
    if order.customer:
        return lookups.contact(order.customer)
    return {"name": order.ship_name, "email": order.email, "phone": order.phone}


def _sayings() -> Mapping[str, str]:
    """What the script itself has to say."""
    return {
        "none": _("Nothing found"),
        "count": _("Suggestions: %(count)s"),
        "wrong": _("Not placed yet. Please look at what is marked."),
        "signed_out": _(
            "You are signed out. Sign in again in another tab, then come back: nothing is lost."
        ),
        "no_answer": _("No answer. Nothing is lost; try again, it is placed once in any case."),
        "leave": _("This order is not placed yet."),
        "known": _("Another address"),
    }
