"""Phone numbers in the one form that machines compare and carriers dial: E.164."""

import phonenumbers

_POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE


def e164(text: str, country: str) -> str | None:
    """The number as +441632960001, or None when it cannot be one.

    `country` (ISO 3166-1 alpha-2, or empty) is where a number without its country's prefix is
    dialled. Prefix and length are checked, not whether the number is given out: numbering plans
    change faster than libraries.
    """
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != _POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise(text: str, country: str) -> str:
    """The number in E.164, or the customer's own text, blanks tidied, where it cannot be one."""
    return e164(text, country) or " ".join(text.split())
