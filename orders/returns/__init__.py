"""Goods come back: announced, received, credited."""
