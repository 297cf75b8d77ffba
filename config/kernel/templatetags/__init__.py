"""What the console's templates may say."""
