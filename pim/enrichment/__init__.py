"""1.4 Enrichment: how complete products are, per channel and language."""
