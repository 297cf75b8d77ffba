"""What every app stands on: people, channels, commands, events; it knows none of the apps."""
