"""How the console writes amounts, moments and ages: short, in the reader's language and zone.

Long lists write the same days and ages again and again; what costs is remembered per language.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from config.kernel import money

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def amount(value: Decimal, currency: str) -> str:
    """Return an amount with its currency: the sign where everybody knows it, else the code."""
    number = formats.number_format(
        abs(value), decimal_pos=money.minor_digits(currency), use_l10n=True, force_grouping=True
    )
    sign = "−" if value < 0 else ""
    return sign + _with_currency(number, currency)


def unit_price(value: Decimal, currency: str) -> str:
    """Return a unit price with the decimals it has, at least the currency's."""
    digits = max(money.minor_digits(currency), -int(value.normalize().as_tuple().exponent))
    number = formats.number_format(value, decimal_pos=digits, use_l10n=True, force_grouping=True)
    return _with_currency(number, currency)


def count(value: int) -> str:
    """Return a whole number with its thousands set apart."""
    if -1000 < value < 1000:
        return str(value)
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def signed(value: int) -> str:
    """Return a change with its sign; nothing for none."""
    if not value:
        return ""
    return f"+{count(value)}" if value > 0 else f"−{count(-value)}"


def day(value: date) -> str:
    """Return a day; the year only when it is another one."""
    return _day(value, value.year == timezone.localdate().year, get_language())


def month_day(value: date) -> str:
    """Return a day without its year, as *22 Nov*."""
    return _day(value, True, get_language())  # noqa: FBT003 - a cache's key


def weekday(value: date) -> str:
    """Return a day written out, as *Sunday 22 November*."""
    return formats.date_format(value, pgettext("date", "l j F"))


def moment(value: datetime) -> str:
    """Return a day and a time of day where the reader is; the year only when it is another one."""
    local = timezone.localtime(value)
    return f"{day(local.date())}, {local:%H:%M}"


def moment_exactly(value: datetime) -> str:
    """Return a moment to the second, for what follows each other closely."""
    return f"{moment(value)}:{value:%S}"


def deadline(value: datetime, now: datetime) -> str:
    """Return a moment that people work towards: today and tomorrow by name."""
    local = timezone.localtime(value)
    away = (local.date() - timezone.localdate(now)).days
    named = _near(away, get_language()) if -1 <= away <= 1 else day(local.date())
    return f"{named} {local:%H:%M}"


def age(value: datetime, now: datetime) -> str:
    """Return how long ago, in the one unit that matters."""
    return span(now - value)


def span(value: timedelta) -> str:
    """Return how long, in the one unit that matters."""
    if value < HOUR:
        return _ago("minutes", max(int(value.total_seconds() // 60), 0), get_language())
    if value < DAY:
        return _ago("hours", int(value.total_seconds() // 3600), get_language())
    return _ago("days", value.days, get_language())


def size(value: int) -> str:
    """Return how large a file or a disk is, in the unit that matters."""
    step = next((one for one in range(3, 0, -1) if value >= 1000**one), 0)
    shown = value / 1000**step
    number = formats.number_format(shown, decimal_pos=int(step > 0 and shown < 10), use_l10n=True)
    return f"{number} {('B', 'kB', 'MB', 'GB')[step]}"


def _with_currency(number: str, currency: str) -> str:
    symbol = SYMBOLS.get(currency)
    if symbol is None:
        return f"{number} {currency}"
    return pgettext("amount", "%(symbol)s%(number)s") % {"symbol": symbol, "number": number}


@lru_cache(maxsize=1024)
def _day(value: date, is_this_year: bool, _language: str) -> str:  # noqa: FBT001 - a cache's key
    pattern = pgettext("date", "j M") if is_this_year else pgettext("date", "j M Y")
    return formats.date_format(value, pattern)


@lru_cache(maxsize=64)
def _near(days_away: int, _language: str) -> str:
    return {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}[days_away]


@lru_cache(maxsize=1024)
def _ago(unit: str, number: int, _language: str) -> str:
    if unit == "minutes":
        return _("%(count)d min") % {"count": number}
    if unit == "hours":
        return _("%(count)d h") % {"count": number}
    return ngettext("%(count)d day", "%(count)d days", number) % {"count": number}
