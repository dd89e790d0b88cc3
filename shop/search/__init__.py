"""2.5 From words to products: what a reader types finds what a product says, in any inflection and inside compounds."""
