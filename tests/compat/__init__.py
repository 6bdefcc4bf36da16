"""The differential family: one program, two frameworks, one answer.

A *program* is a function `build(web, record)` that returns an ASGI application. `web` is the
namespace of a framework (FastAPI's or Tenure's), `record` writes words on a timeline. Each case
sends the same requests to both through the server of `driver.py` and compares all that came
out: the timeline, every ASGI message, every error that reached the server.
"""
