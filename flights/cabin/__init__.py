"""Seats, the text of cabin layouts, best seats, swaps: pure functions."""
