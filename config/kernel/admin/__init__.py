"""The console's foundation, and pages of what the kernel owns: channels, keys, jobs, webhooks."""

from config.kernel.admin import (
    changes,
    channels,
    failed,
    jobs,
    tags,
    uploads,
    webhook_log,
    webhooks,
)

__all__ = ["changes", "channels", "failed", "jobs", "tags", "uploads", "webhook_log", "webhooks"]
