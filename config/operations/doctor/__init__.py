"""What is well and what is not, one line each, with what to do."""

from config.operations.doctor.findings import Finding, State
from config.operations.doctor.rounds import examine

__all__ = ["Finding", "State", "examine"]
