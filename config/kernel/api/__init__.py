"""What every API door shares: who calls, how bodies are read, how lists page, how errors look."""
