"""A real PostgreSQL and a real Redis for one machine, used when no URL names another."""
