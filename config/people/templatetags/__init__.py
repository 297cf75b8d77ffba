"""What the templates of people write."""
