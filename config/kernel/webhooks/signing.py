"""Signatures after Standard Webhooks: HMAC-SHA256 over id, moment and the very bytes sent."""

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"


def new_secret() -> str:
    """Return a fresh secret as receivers keep it: 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(*, message_id: str, at: datetime, body: str, secrets: Iterable[str]) -> dict[str, str]:
    """Return the three headers of a message; one signature for each secret that is valid now."""
    moment = at.astimezone(UTC)  # the library takes the clock's face for UTC
    signatures = [Webhook(secret).sign(message_id, moment, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
