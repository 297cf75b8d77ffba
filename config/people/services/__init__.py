"""What changes people's accounts: one verb each."""
