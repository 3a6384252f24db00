"""Commands that load what is for sale."""
