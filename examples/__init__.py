"""Programs as a user of Tenure writes them; each runs with ``python -m examples.<name>``."""
