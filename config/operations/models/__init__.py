"""Signs of life and the record of backups."""

from config.operations.models.backups import Backup
from config.operations.models.pulses import Pulse

__all__ = ["Backup", "Pulse"]
