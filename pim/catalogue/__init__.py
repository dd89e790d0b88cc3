"""1.2 The master data: products, models, variants, categories, channels, typed links."""
