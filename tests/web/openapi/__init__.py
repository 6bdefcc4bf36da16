"""The OpenAPI document and its pages: what cannot be compared with FastAPI byte for byte."""
