"""`make chaos`: thirty customers on the whole stack while everything is broken that can break."""
