"""What customers are sent by mail: the confirmation; a refund's or a delay's mail goes here too."""
