"""The commands of inventory: one verb each."""
