"""The alphabet of the house: what every room may use, and what knows none of them."""
