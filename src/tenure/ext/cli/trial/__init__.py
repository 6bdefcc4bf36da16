"""``tenure try``: the same requests to a program on FastAPI and on Tenure."""
