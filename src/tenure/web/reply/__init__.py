"""What endpoints return, as responses."""
