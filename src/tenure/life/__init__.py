"""What is alive: driving generators, shielding exits, worker threads and their context."""
