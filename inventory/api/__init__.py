"""The API of inventory: parse, one call, answer."""
