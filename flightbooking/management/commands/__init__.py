"""The command that makes a database and a machine ready."""
