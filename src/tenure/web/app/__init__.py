"""Routes and what they are made of: options, inclusion, lifespans, serving."""
