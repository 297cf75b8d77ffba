"""Barcodes: GS1 check digits, and one key per article however its number is written."""

import unicodedata

from stdnum import ean

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_SSCC_LENGTH = 18


def normalise(text: str) -> str:
    """The code as it is kept: blanks around it gone, and within a GTIN blanks and hyphens too.

    Any other text is a code of the house's own and stays as it is, but for its outer blanks.
    """
    code = unicodedata.normalize("NFKC", text).strip()
    digits = ean.compact(code)
    return digits if is_gtin(digits) else code


def is_gtin(code: str) -> bool:
    """Whether this is a GTIN-8, -12, -13 or -14 with its right check digit, and nothing else."""
    return len(code) in _GTIN_LENGTHS and _checks(code)


def is_sscc(code: str) -> bool:
    """Whether this is a shipping container's number: 18 digits with the right check digit."""
    return len(code) == _SSCC_LENGTH and _checks(code)


def is_mistyped(text: str) -> bool:
    """Whether this looks like a GTIN-12, -13 or -14 but its check digit is wrong.

    Eight digits are not suspected: houses number their own articles so.
    """
    digits = ean.compact(text)
    return len(digits) in _GTIN_LENGTHS - {8} and _are_digits(digits) and not _checks(digits)


def check_digit(digits: str) -> str:
    """The digit that completes a GTIN or SSCC. Raises ValueError for anything but digits."""
    if not _are_digits(digits):
        raise ValueError(f"not digits: {digits!r}")
    return ean.calc_check_digit(digits)


def key(text: str) -> str:
    """What codes are compared by: a GTIN as 14 digits, any other code in capitals.

    So an EAN-13, the UPC-12 inside it and its GTIN-14 with a leading zero find the same product;
    a case, whose GTIN-14 starts with 1 to 9, stays another code.
    """
    code = normalise(text)
    return code.zfill(14) if is_gtin(code) else code.upper()


def _checks(digits: str) -> bool:
    return _are_digits(digits) and ean.calc_check_digit(digits[:-1]) == digits[-1]


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
