"""1.2 The master data: attributes, products, variants, categories, typed links."""
