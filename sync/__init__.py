"""The delivery protocol, and what stands between a laptop and a partner agency."""
