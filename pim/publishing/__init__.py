"""1.5 Publications: what a product says in a channel, immutable and numbered."""
