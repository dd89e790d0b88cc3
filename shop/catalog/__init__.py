"""2.4 The read model: what a shopper reads, rendered when it changes; derived, and rebuildable at any time."""
