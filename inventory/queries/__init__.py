"""What is asked about stock; nothing here changes anything."""
