"""What is kept in memory of the open windows of a partition."""
