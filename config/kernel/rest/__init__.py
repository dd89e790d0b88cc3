"""How HTTP is spoken: strict JSON in, JSON out, problems, who calls, and how often."""
