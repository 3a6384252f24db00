"""Who gets it: customers' bookings, and whoever looks after them."""
