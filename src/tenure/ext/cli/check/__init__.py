"""Everything that would go wrong with an application, found without running it."""
