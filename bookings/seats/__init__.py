"""Seats of a flight: owned (Postgres), pre-checked (Redis), shown."""
