"""Rows of a schedule."""

HEADER = "number,origin,destination,departure,arrival,layout,base_fare"
GOOD = "FB100,CDG,JFK,2030-01-15 10:00,2030-01-15 12:00,small,129.50"
