"""The roof and the cellar: composition of the four apps above, the kernel below."""
