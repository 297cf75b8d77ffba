"""British English, with the clock of the warehouse: 24 hours."""
