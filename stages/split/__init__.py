"""Train, validation and test, by group and without a leak: the `split` stage."""
