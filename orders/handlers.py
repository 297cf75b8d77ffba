"""What orders does a moment after something happened elsewhere."""
