"""The installation, people, entities, channels, keys, events and their ways out, jobs, uploads."""

from config.kernel.models import lookups
from config.kernel.models.changes import Change
from config.kernel.models.channels import ApiKey, Channel, LegalEntity
from config.kernel.models.events import Delivery, Event
from config.kernel.models.idempotency import IdempotencyKey
from config.kernel.models.installation import Installation
from config.kernel.models.jobs import Job, JobFile, JobRow, JobStatus
from config.kernel.models.saved_views import DefaultView, SavedView
from config.kernel.models.tags import Tag
from config.kernel.models.uploads import Upload, UploadRow, UploadStatus
from config.kernel.models.users import User
from config.kernel.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "ApiKey",
    "Change",
    "Channel",
    "DefaultView",
    "Delivery",
    "Event",
    "IdempotencyKey",
    "Installation",
    "Job",
    "JobFile",
    "JobRow",
    "JobStatus",
    "LegalEntity",
    "SavedView",
    "Tag",
    "Upload",
    "UploadRow",
    "UploadStatus",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "lookups",
]
