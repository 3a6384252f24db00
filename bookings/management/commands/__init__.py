"""Commands for whoever runs the bookings."""
