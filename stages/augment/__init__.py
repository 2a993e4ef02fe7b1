"""Reword questions, repeat rare tasks: the `augment` stage."""
