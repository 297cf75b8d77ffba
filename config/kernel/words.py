"""How the console writes amounts, moments and ages: short, in the reader's language and time zone."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.kernel import money

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def amount(value: Decimal, currency: str) -> str:
    """Return an amount with its currency: the sign where everybody knows it, else the code."""
    number = formats.number_format(
        abs(value), decimal_pos=money.minor_digits(currency), use_l10n=True, force_grouping=True
    )
    sign = "−" if value < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency}"


def unit_price(value: Decimal, currency: str) -> str:
    """Return a unit price with the decimals it has, at least the currency's."""
    digits = max(money.minor_digits(currency), -int(value.normalize().as_tuple().exponent))
    number = formats.number_format(value, decimal_pos=digits, use_l10n=True, force_grouping=True)
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency}"


def count(value: int) -> str:
    """Return a whole number with its thousands set apart."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def signed(value: int) -> str:
    """Return a change with its sign; nothing for none."""
    if not value:
        return ""
    return f"+{count(value)}" if value > 0 else f"−{count(-value)}"


def day(value: date) -> str:
    """Return a day; the year only when it is another one."""
    pattern = "j M" if value.year == timezone.localdate().year else "j M Y"
    return formats.date_format(value, pattern)


def moment(value: datetime) -> str:
    """Return a day and a time of day where the reader is; the year only when it is another one."""
    local = timezone.localtime(value)
    return f"{day(local.date())}, {formats.time_format(local, 'H:i')}"


def deadline(value: datetime, now: datetime) -> str:
    """Return a moment that people work towards: today and tomorrow by name."""
    local = timezone.localtime(value)
    away = (local.date() - timezone.localdate(now)).days
    names = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}
    return f"{names.get(away) or day(local.date())} {formats.time_format(local, 'H:i')}"


def age(value: datetime, now: datetime) -> str:
    """Return how long ago, in the one unit that matters."""
    past = now - value
    if past < HOUR:
        return _("%(count)d min") % {"count": max(int(past.total_seconds() // 60), 0)}
    if past < DAY:
        return _("%(count)d h") % {"count": int(past.total_seconds() // 3600)}
    return ngettext("%(count)d day", "%(count)d days", past.days) % {"count": past.days}
