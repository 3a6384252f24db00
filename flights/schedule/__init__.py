"""An airline's own schedule: files in and out, and copies of days and weeks."""
