"""1.1 What can be said of products, and what must be: attributes, measures, families."""
