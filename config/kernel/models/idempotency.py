"""Answers kept under the key a channel chose, so that a retry gets the first answer again."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from config.kernel.models.bases import Keyed


class IdempotencyKey(Keyed):
    """The stored answer of one unsafe request: kept 30 days (RELIABILITY B1)."""

    channel = models.ForeignKey("kernel.Channel", models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    location = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="idempotency_key_once"),
        ]
        indexes = [BrinIndex(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return self.key
