"""Ask people which answer is better without telling them whose it is."""
