"""How many units stand where, and for whom some are kept. The scarce rows of the house live here."""
