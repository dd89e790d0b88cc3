"""What the shop uses of other people's programs, behind the ports of its slices."""
