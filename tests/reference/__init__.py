"""Programs as tutorials show them, run as they stand."""
