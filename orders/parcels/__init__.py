"""Goods leave: what is in which parcel."""
