"""The back office's pages of bookings."""
