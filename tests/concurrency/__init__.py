"""Races, each with its proof that the race is real."""
