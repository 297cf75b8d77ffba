"""A demo company: believable, the same every time, made through the same services as real work."""
