"""People, legal entities, sales channels, keys, events and their deliveries."""

from config.kernel.models.channels import ApiKey, Channel, LegalEntity
from config.kernel.models.events import Delivery, Event
from config.kernel.models.idempotency import IdempotencyKey
from config.kernel.models.users import User

__all__ = [
    "ApiKey",
    "Channel",
    "Delivery",
    "Event",
    "IdempotencyKey",
    "LegalEntity",
    "User",
]
