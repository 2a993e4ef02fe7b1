"""Answers of a model, with or without its adapter, to the questions of the test split."""
