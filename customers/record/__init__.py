"""One customer record: who she is, how she is reached, and what happened with her."""
