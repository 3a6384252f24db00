"""What customers take along, and what any PDF is made of."""
