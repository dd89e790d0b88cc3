"""How goods can reach the buyer, at which price, and by when."""
