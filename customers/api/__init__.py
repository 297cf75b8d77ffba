"""The API of customers: parse, one call, answer."""
