"""How SKUs, e-mails and names are compared: folded here, never by a database collation."""

import unicodedata


def key(text: str, maximum: int = 254) -> str:
    """Return the form under which two spellings are the same: composed, case-folded, trimmed."""
    if text.isascii():
        return text.strip().lower()[:maximum]
    return unicodedata.normalize("NFC", text).strip().casefold()[:maximum]


def sku(text: str) -> str:
    """Return the key of a SKU; folding may lengthen a text up to threefold."""
    return key(text, 192)
