"""What `make run` adds on one machine: embedded servers and a supervisor."""
