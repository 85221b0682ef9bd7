"""Python to IR: from a user's function to single-assignment statements with known types."""
