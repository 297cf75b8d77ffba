"""The pages by which people get in, prove who they are, and look after their account."""
