"""The back office's pages of flights, with who sits on them."""
