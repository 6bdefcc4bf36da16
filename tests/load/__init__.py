"""What is run on demand and for longer than tests may last: `make soak`."""
