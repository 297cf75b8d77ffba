"""The console's look: the product's colours and files, given to the theme."""

from django.http import HttpRequest
from django.templatetags.static import static

# Indigo, as in the product's icon.
PRIMARY = {
    "50": "oklch(96.2% .018 272.314)",
    "100": "oklch(93% .034 272.788)",
    "200": "oklch(87% .065 274.039)",
    "300": "oklch(78.5% .115 274.713)",
    "400": "oklch(67.3% .182 276.935)",
    "500": "oklch(58.5% .233 277.117)",
    "600": "oklch(51.1% .262 276.966)",
    "700": "oklch(45.7% .24 277.023)",
    "800": "oklch(39.8% .195 277.366)",
    "900": "oklch(35.9% .144 278.697)",
    "950": "oklch(25.7% .09 281.288)",
}


def primary(_request: HttpRequest) -> dict[str, str]:
    """Return the shades of the product's colour."""
    return dict(PRIMARY)


def icon(_request: HttpRequest) -> str:
    """Return the address of the product's icon."""
    return static("kapell/icon.svg")


def styles(_request: HttpRequest) -> str:
    """Return the address of the console's own styles."""
    return static("kapell/console.css")


def scripts(_request: HttpRequest) -> str:
    """Return the address of the console's own script."""
    return static("kapell/console.js")
