"""How things are said: names, places and chains in error texts."""
