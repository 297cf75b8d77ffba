"""Running the system: signs of life, doctor, backup and restore, leaving the demo behind."""
