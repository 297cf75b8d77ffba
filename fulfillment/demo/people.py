"""Who buys: invented people and shops of seven countries, at addresses that pass the checks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from customers import vat

GIVEN = (
    "Ada", "Ben", "Chloe", "Daniel", "Elin", "Farid", "Grace", "Hugo", "Isla", "Jonas", "Kirsty",
    "Liam", "Maeve", "Niamh", "Oscar", "Priya", "Quentin", "Rosa", "Stefan", "Thea", "Usman",
    "Vera", "Willem", "Yasmin", "Zoë", "Åsa", "Łukasz", "Jürgen", "Françoise", "Siobhán",
)  # fmt: skip
FAMILY = (
    "Adams", "Byrne", "Chowdhury", "Dubois", "Evans", "Fischer", "Green", "Hansen", "Iqbal",
    "Jansen", "Kelly", "Lambert", "Müller", "Nilsson", "O'Brien", "Patel", "Quinn", "Roberts",
    "Schmidt", "Taylor", "Underwood", "Visser", "Walker", "Young", "Öberg", "de Vries",
)  # fmt: skip
SHOPS = (
    "Harbour Living", "The Copper Pan", "Blue Door Interiors", "Maison Lavande", "Kaufhaus Linde",
    "Thuis & Tafel", "Norrgården Inredning", "Lough & Loom", "Corner Kitchen Co", "Fable Homeware",
    "Petit Atelier", "Haus am Markt", "Moss & Meadow", "The Gift Loft", "Station Road Stores",
    "Saltmarsh Studio",
)  # fmt: skip

# Town, postcodes there, and dialling form per country.
TOWNS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "GB": (
        ("London", ("SW1A 1AA", "E2 8DD", "N1 9GU", "SE15 4QL")),
        ("Manchester", ("M1 1AE", "M20 2RQ")),
        ("Edinburgh", ("EH1 1YZ", "EH6 5NA")),
        ("Cardiff", ("CF10 1EP", "CF24 3AA")),
        ("Leeds", ("LS1 4AP", "LS6 2AH")),
        ("Norwich", ("NR1 3JU",)),
        ("Belfast", ("BT1 5GS",)),
        ("Truro", ("TR1 2HX",)),
    ),
    "IE": (("Dublin 2", ("D02 X285",)), ("Cork", ("T12 W8EX",))),
    "FR": (("Lyon", ("69002",)), ("Nantes", ("44000",)), ("Paris", ("75011",))),
    "DE": (("Berlin", ("10115",)), ("Hamburg", ("20095",)), ("München", ("80331",))),
    "NL": (("Amsterdam", ("1012 AB",)), ("Utrecht", ("3511 BN",))),
    "SE": (("Stockholm", ("111 22",)), ("Göteborg", ("411 05",))),
    "US": (("Portland", ("97205",)),),
}
REGIONS = {"US": "OR"}
STREETS = {
    "GB": ("High Street", "Station Road", "Church Lane", "Mill Hill", "Victoria Terrace"),
    "IE": ("Main Street", "Quay Street"),
    "FR": ("rue des Lilas", "avenue Jean Jaurès"),
    "DE": ("Lindenstraße", "Am Markt"),
    "NL": ("Keizersgracht", "Dorpsstraat"),
    "SE": ("Storgatan", "Kyrkogatan"),
    "US": ("Burnside Street",),
}
PHONES = {
    "GB": "01632 960{:03}",
    "IE": "020 910 {:04}",
    "FR": "01 99 00 {:02} 10",
    "DE": "030 23125 {:03}",
    "NL": "020 555 {:04}",
    "SE": "08-465 00 4{:02}",
    "US": "503-555-01{:02}",
}
# Countries by how many in a hundred live there.
SHARES = {"GB": 72, "IE": 7, "FR": 6, "DE": 6, "NL": 4, "SE": 3, "US": 2}
EURO_LANDS = frozenset({"IE", "FR", "DE", "NL"})


@dataclass(frozen=True, slots=True)
class Buyer:
    """Someone who orders: what a channel sends as customer and address."""

    customer: dict[str, str] | None
    address: dict[str, str]
    country: str
    kind: str = "person"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """Return the currency this buyer pays in."""
        return "EUR" if self.country in EURO_LANDS else "GBP"


def shoppers(dice: Random, number: int, prefix: str) -> list[Buyer]:
    """Return private people with a reference of their shop and an e-mail."""
    return [_shopper(dice, place, prefix) for place in range(number)]


def guest(dice: Random) -> Buyer:
    """Return someone who left an address only."""
    country = _country(dice)
    return Buyer(None, _address(dice, country, _name(dice)), country, "guest")


def companies() -> list[Buyer]:
    """Return the trade customers: shops with VAT numbers that pass the check."""
    dice = Random(7)  # noqa: S311 - a story, not a secret
    countries = ("GB", "GB", "GB", "FR", "DE", "NL", "SE", "IE", "GB", "GB", "FR", "DE", "GB",
                 "GB", "GB", "GB")  # fmt: skip
    return [
        _company(dice, place, name, country)
        for place, (name, country) in enumerate(zip(SHOPS, countries, strict=True))
    ]


def _shopper(dice: Random, place: int, prefix: str) -> Buyer:
    country, name = _country(dice), _name(dice)
    customer = {
        "reference": f"{prefix}{10001 + place}",
        "name": name,
        "email": f"{prefix.lower()}{10001 + place}@example.com",
        "phone": _phone(dice, country),
        "language": {"FR": "fr", "DE": "de", "NL": "nl", "SE": "sv"}.get(country, "en"),
    }
    return Buyer(customer, _address(dice, country, name), country)


def _company(dice: Random, place: int, company: str, country: str) -> Buyer:
    name = _name(dice)
    customer = {
        "reference": f"T-{1001 + place}",
        "name": name,
        "company": company,
        "email": f"buying{place + 1}@trade.example",
        "phone": _phone(dice, country),
        "vat_number": _vat_number(country, place),
    }
    address = _address(dice, country, name) | {"company": company}
    return Buyer(customer, address, country, "company")


def _country(dice: Random) -> str:
    return dice.choices(list(SHARES), weights=list(SHARES.values()))[0]


def _name(dice: Random) -> str:
    return f"{dice.choice(GIVEN)} {dice.choice(FAMILY)}"


def _phone(dice: Random, country: str) -> str:
    return PHONES[country].format(dice.randrange(10, 99))


def _address(dice: Random, country: str, name: str) -> dict[str, str]:
    town, postcodes = dice.choice(TOWNS[country])
    street, number = dice.choice(STREETS[country]), dice.randrange(1, 180)
    after = country in {"DE", "NL", "SE"}
    return {
        "name": name,
        "line1": f"{street} {number}" if after else f"{number} {street}",
        "city": town,
        "region": REGIONS.get(country, ""),
        "postal_code": dice.choice(postcodes),
        "country": country,
    }


def _vat_number(country: str, place: int) -> str:
    """Return the first number of its country's pattern whose check digits hold."""
    return next(number for number in _candidates(country, place) if vat.check(number, country)[1])


def _candidates(country: str, place: int) -> Iterator[str]:
    start = 3_141_592 + 271 * place
    match country:
        case "GB":
            yield from (f"GB{start:07}{check:02}" for check in range(97))
        case "DE":
            yield from (f"DE1{start:07}{check}" for check in range(10))
        case "FR":
            yield from (
                f"FR{key:02}{start:07}{rest:02}" for rest in range(100) for key in range(100)
            )
        case "NL":
            yield from (f"NL{start:07}{rest:02}B01" for rest in range(100))
        case "SE":
            yield from (f"SE55{start:07}{check}01" for check in range(10))
        case _:
            yield from (f"{country}{start:07}{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVW")
