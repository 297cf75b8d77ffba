"""The demo company itself: its legal entity, sales channels and people."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group

from config.kernel import roles
from config.kernel.actors import Actor
from config.kernel.models import Channel, LegalEntity, User
from inventory.models import LowStockSubscription, Warehouse
from inventory.services import warehouses

# One per way of selling; together they use every policy there is.
CHANNELS: tuple[dict[str, Any], ...] = (
    {
        "code": "WEB",
        "name": "Web shop",
        "currencies": ["GBP", "EUR"],
        "price_tolerance_percent": Decimal(10),
        "messages_enabled": True,
    },
    {
        "code": "MARKET",
        "name": "Marketplace",
        "kind": Channel.Kind.SHOP,
        "currencies": ["GBP", "EUR"],
        "shortage_policy": Channel.Shortage.PARTIAL,
        "payment_required": True,
    },
    {
        "code": "TRADE",
        "name": "Trade customers",
        "kind": Channel.Kind.STAFF,
        "currencies": ["GBP", "EUR"],
        "shortage_policy": Channel.Shortage.HOLD,
        "allocate_days_before": 3,
        "default_tax_rate": Decimal(20),
        "prices_include_tax": False,
    },
    {
        "code": "DESK",
        "name": "Phone and counter",
        "kind": Channel.Kind.STAFF,
        "currencies": ["GBP", "EUR"],
        "shortage_policy": Channel.Shortage.REFUSE,
        "duplicate_check": True,
        "default_tax_rate": Decimal(20),
    },
    {
        "code": "SANDBOX",
        "name": "Trying things out",
        "currencies": ["GBP", "EUR"],
        "is_test": True,
    },
    {
        "code": "LEGACY",
        "name": "Orders of the old system",
        "kind": Channel.Kind.FILE,
        "currencies": ["GBP"],
    },
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff, and the channels and warehouses they are limited to, by code."""

    username: str
    first_name: str
    last_name: str
    role: str
    limits: tuple[str, ...] = ()


PEOPLE = (
    Person("sara", "Sara", "Okafor", "sales"),
    Person("tom", "Tom", "Hughes", "sales", ("TRADE",)),
    Person("wanda", "Wanda", "Nowak", "warehouse"),
    Person("noor", "Noor", "Ahmed", "warehouse", ("NORTH",)),
    Person("sam", "Sam", "Lindqvist", "warehouse", ("SOUTH",)),
    Person("fiona", "Fiona", "Campbell", "finance"),
    Person("marta", "Marta", "Silva", "manager"),
    Person("ade", "Ade", "Bello", "administrator"),
)


@dataclass(frozen=True, slots=True)
class Company:
    """Who sells, by which channels, and who works there, by their names."""

    channels: dict[str, Channel]
    people: dict[str, User]

    def staff(self, username: str) -> Actor:
        """Return a member of staff as the one who acts."""
        return Actor.staff(self.people[username])


def found() -> Company:
    """Make the entity, its channels and its people; nobody can sign in before a password is set."""
    entity = LegalEntity.objects.create(
        code="KAPELL",
        name="Kapell & Daughters Ltd",
        address={
            "line1": "4 Chapel Row",
            "city": "Bath",
            "postal_code": "BA1 1HN",
            "country": "GB",
        },
        vat_numbers={"GB": "GB980780684"},
        eori="GB980780684000",
    )
    channels = [Channel(entity=entity, **settings) for settings in CHANNELS]
    Channel.objects.bulk_create(channels)
    by_code = {channel.code: channel for channel in channels}
    roles.sync()
    people = {person.username: _hire(person, by_code) for person in PEOPLE}
    return Company(by_code, people)


def assign(company: Company, places: dict[str, Warehouse]) -> None:
    """Limit people to their warehouses, and subscribe the manager to the low-stock digest."""
    for person in PEOPLE:
        own = [places[code] for code in person.limits if code in places]
        if own:
            warehouses.limit_staff(user=company.people[person.username], warehouses=own)
    LowStockSubscription.objects.create(user=company.people["marta"])


def _hire(person: Person, channels: dict[str, Channel]) -> User:
    user = User(
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        email=f"{person.username}@kapell.example",
        is_staff=True,
    )
    user.set_unusable_password()
    user.save()
    user.groups.add(Group.objects.get(name=person.role))
    user.channels.set([channels[code] for code in person.limits if code in channels])
    return user
