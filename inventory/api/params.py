"""What the doors of inventory take in their addresses."""

from collections.abc import Mapping

from config.kernel.api import problems

LONGEST = 200


def check_texts(asked: Mapping[str, str], *names: str) -> None:
    """Refuse texts that no SKU, barcode or code can be."""
    if any(is_unreadable(asked.get(name, "")) for name in names):
        listed = " and ".join(names)
        raise problems.BadRequest(f"{listed}: at most {LONGEST} characters of text.")


def is_unreadable(text: str) -> bool:
    """Tell whether a text is too long, or holds what PostgreSQL cannot."""
    return len(text) > LONGEST or "\x00" in text
