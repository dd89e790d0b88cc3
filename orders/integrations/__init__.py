"""What the orders use of other companies' services, behind the ports of their slices."""
