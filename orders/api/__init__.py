"""The API of orders: parse, one call, answer."""
