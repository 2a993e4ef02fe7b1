"""Trains the small recogniser of names."""
