"""What the buyer is told at each step, in her language, once."""
