"""The console's foundation, and the pages of what the kernel owns: entities, channels, keys."""

from config.kernel.admin import channels

__all__ = ["channels"]
