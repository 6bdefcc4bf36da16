"""The same application in each framework, written as its users write."""
