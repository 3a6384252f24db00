"""What a customer sees. Every rule is the saga's; a view asks it and shows the answer."""
