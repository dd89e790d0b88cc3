"""4.3 What is still missing, the delivery promise, and placing the order."""
