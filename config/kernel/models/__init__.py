"""The installation, people, legal entities, sales channels, keys, events and deliveries."""

from config.kernel.models.channels import ApiKey, Channel, LegalEntity
from config.kernel.models.events import Delivery, Event
from config.kernel.models.idempotency import IdempotencyKey
from config.kernel.models.installation import Installation
from config.kernel.models.users import User

__all__ = [
    "ApiKey",
    "Channel",
    "Delivery",
    "Event",
    "IdempotencyKey",
    "Installation",
    "LegalEntity",
    "User",
]
