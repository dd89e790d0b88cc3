"""/pim/v1: merchandisers and their integrations."""
