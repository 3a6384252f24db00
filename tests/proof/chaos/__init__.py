"""`make chaos`: thirty travellers on the whole stack while everything is broken that can break."""
