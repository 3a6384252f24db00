"""What customers are sent by mail: the outbox, and what each kind of its messages says."""
