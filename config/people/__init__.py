"""People who sign in: invited by mail, with a second factor, a lock against guessing, sessions."""
