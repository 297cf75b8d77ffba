"""Filters of the console's templates; what they write is in `config.kernel.words`."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from config.kernel import clock, words

register = template.Library()


@register.filter
def amount(value: Decimal | None, currency: str) -> str:
    """Write an amount with its currency."""
    return "" if value is None else words.amount(value, currency)


@register.filter
def unit_price(value: Decimal | None, currency: str) -> str:
    """Write a unit price with the decimals it has."""
    return "" if value is None else words.unit_price(value, currency)


@register.filter
def count(value: int | None) -> str:
    """Write a whole number with its thousands set apart."""
    return "" if value is None else words.count(value)


@register.filter
def day(value: date | None) -> str:
    """Write a day."""
    return "" if value is None else words.day(value)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Write a moment for people and machines."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words.moment(value))


@register.filter
def moment_exactly(value: datetime) -> SafeString:
    """Write a moment to the second."""
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), words.moment_exactly(value)
    )


@register.filter
def age(value: datetime | None) -> SafeString | str:
    """Write how long ago; the moment itself on pointing."""
    if value is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        words.moment(value),
        words.age(value, clock.now()),
    )


@register.filter
def size(value: int | None) -> str:
    """Write how large a file is."""
    return "" if value is None else words.size(value)


@register.filter
def signed(value: int) -> str:
    """Write a change with its sign; nothing for none."""
    return words.signed(value)


@register.filter
def coded(value: str) -> SafeString:
    """Write a text in which `backticks` mark what is typed."""
    parts = value.split("`")
    marked = ((part, place % 2) for place, part in enumerate(parts))
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", part) if code else part,) for part, code in marked),
    )
