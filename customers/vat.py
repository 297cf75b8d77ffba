"""VAT numbers: written one way and checked by their country's own rules, without asking anyone."""

from functools import lru_cache
from typing import Protocol, cast

from stdnum import util
from stdnum.eu import vat as eu
from stdnum.exceptions import ValidationError

# Where the prefix on the number, or the place it is registered in, is not the country's code.
_PREFIXES = {"GR": "EL", "IM": "GB", "MC": "FR"}
_MODULES = {"EL": "gr", "XI": "gb"}
_PREFIXED = frozenset({one.upper() for one in eu.MEMBER_STATES} - {"GR"} | {"EL", "GB", "NO"})


class _Scheme(Protocol):
    def validate(self, number: str) -> str: ...


def check(number: str, country: str) -> tuple[str, bool]:
    """The number with its prefix and without blanks or dots, and whether it is well formed.

    A prefix on the number decides; without one, the country (ISO 3166-1 alpha-2, or empty).
    Well formed means length, letters and check digits; whether it is in force only the tax office
    knows. What is not well formed, or of a country whose rules are unknown, comes back in capitals
    with False.
    """
    compact = "".join(filter(str.isalnum, number)).upper()
    home = _PREFIXES.get(country, country)
    stated = _PREFIXES.get(compact[:2], compact[:2])
    for prefix in [stated, home] if stated in _PREFIXED else [home]:
        valid = _validated(compact, prefix)
        if valid:
            return valid, True
    return compact, False


def _validated(compact: str, prefix: str) -> str | None:
    scheme = _scheme(prefix)
    if scheme is None:
        return None
    try:
        number = scheme.validate(compact)
    except ValidationError:
        return None
    return number if prefix not in _PREFIXED or number.startswith(prefix) else prefix + number


@lru_cache(maxsize=256)
def _scheme(prefix: str) -> _Scheme | None:
    if not (prefix.isascii() and prefix.isalpha()):
        return None
    code = _MODULES.get(prefix, prefix.lower())
    return cast("_Scheme | None", util.get_cc_module(code, "vat"))
