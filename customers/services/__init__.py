"""What can be done to customers: one command per change."""
