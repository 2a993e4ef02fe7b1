"""The schema of each section of params.yaml, apart from the code that uses it (see section.py)."""
