"""What a route depends on, in the words of FastAPI: for programs that look at it."""
