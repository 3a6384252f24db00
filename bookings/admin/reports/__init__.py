"""What staff print and take along."""
