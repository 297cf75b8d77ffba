"""Money arithmetic: minor units, rounding, and splitting an amount without losing a penny."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217 codes of money that circulates, and of money lately withdrawn (BGN, HRK, …), which old
# orders still carry. Metals, funds and test codes are left out: nobody is charged in them.
_CIRCULATING = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF
    KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG
    SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_CODES = frozenset(_CIRCULATING.split())
_DIGITS = dict.fromkeys(_NO_DIGITS.split(), 0) | dict.fromkeys(_THREE_DIGITS.split(), 3)
_CENT = Decimal("0.01")
_UNITS = {code: Decimal(1).scaleb(-digits) for code, digits in _DIGITS.items()}


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 code, in capitals, of money a customer can be charged in."""
    return code in _CODES


def minor_digits(currency: str) -> int:
    """How many decimals an amount of this currency has: 0, 2 or 3."""
    return _DIGITS.get(currency, 2)


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of this currency: 1, 0.01 or 0.001."""
    return _UNITS.get(currency, _CENT)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units, halves away from zero, as a shopkeeper rounds."""
    return amount.quantize(_UNITS.get(currency, _CENT), ROUND_HALF_UP)


def text(amount: Decimal) -> str:
    """The amount as a plain decimal string: no exponent, no negative zero, trailing zeros kept."""
    return format(amount or abs(amount), "f")


def allocate(total: Decimal, weights: Sequence[Decimal | int], currency: str) -> list[Decimal]:
    """Split `total` by `weights` into whole minor units that add up to it exactly.

    The largest remainders get the units left over, of equal ones the earliest; so a zero weight
    stays in its place with nothing, and a total below zero splits as its opposite does. When the
    weights add up to nothing, all count the same. Raises ValueError for a total that is not in
    whole minor units, or that has nothing to be split over.
    """
    unit = minor_unit(currency)
    units = _whole(total, unit)
    if not weights:
        if units:
            raise ValueError("an amount cannot be split over no weights")
        return []
    if units < 0:
        return [-part for part in allocate(-total, weights, currency)]
    return [part * unit for part in _split(units, _integers(weights))]


def share(total: Decimal, pieces: int, whole: int, currency: str) -> Decimal:
    """The part of `total` that falls on the first `pieces` of `whole` equal pieces.

    A step from j to k pieces is share(k) - share(j); whatever the steps, they add up to `total`.
    Raises ValueError unless 0 <= pieces <= whole and whole > 0.
    """
    if not 0 <= pieces <= whole or not whole:
        raise ValueError(f"{pieces} of {whole} pieces")
    return quantize(total * pieces / whole, currency)


def _whole(amount: Decimal, unit: Decimal) -> int:
    units = amount / unit
    if units != int(units):
        raise ValueError(f"{amount} is not in whole units of {unit}")
    return int(units)


def _integers(weights: Sequence[Decimal | int]) -> list[int]:
    """The same proportions in whole numbers, so that remainders compare exactly."""
    exact = [Decimal(weight) for weight in weights]
    places = max(0, *(-int(weight.as_tuple().exponent) for weight in exact))
    scaled = [int(weight.scaleb(places)) for weight in exact]
    whole = sum(scaled)
    if not whole:
        return [1] * len(scaled)
    return scaled if whole > 0 else [-weight for weight in scaled]


def _split(units: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    parts, remainders = map(
        list, zip(*(divmod(units * weight, whole) for weight in weights), strict=True)
    )
    order = sorted(range(len(parts)), key=lambda place: -remainders[place])
    for place in order[: units - sum(parts)]:
        parts[place] += 1
    return parts
