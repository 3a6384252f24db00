"""The made-up airline that `make run` shows."""
