"""Repair, clean, deduplicate and group: one module per reason to change."""
