"""Django's PostgreSQL backend, which finds out more cheaply that a connection has gone."""
