"""Why orders failed: one name for a cause, and what must not be kept of what was sent; pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

# What every problem says; the rest of it are facts of its own.
STANDARD = frozenset({"type", "title", "status", "code", "detail", "errors"})
REMOVED = "[removed]"

_POSITION = re.compile(r"\[\d+\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Names under which some systems send what nobody here may see or keep.
_SECRET = re.compile(
    r"(^|_)(card_?(number|no)|pan|cvc2?|cvv2?|security_code|pass(word|wd|phrase)|secret|api_?key"
    r"|access_token|refresh_token|authorization|iban)$",
    re.IGNORECASE,
)


def cause(code: str, faults: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of a cause: the code, and of content that is wrong where and how first."""
    if not faults:
        return code
    first = faults[0]
    return f"{code} {_POSITION.sub('[]', str(first['path']))} {first['code']}"[:200]


def without_secrets(value: Any) -> Any:
    """Return a document with what is named like a secret removed, however deep it stands."""
    if isinstance(value, Mapping):
        return {
            name: REMOVED if _SECRET.search(str(name)) and told else without_secrets(told)
            for name, told in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value


def plain(told: str | int) -> str:
    """Return a reference as one line of text."""
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", str(told)).strip())
