"""The console's foundation, and the pages of what the kernel owns: channels, keys, jobs."""

from config.kernel.admin import channels, jobs

__all__ = ["channels", "jobs"]
