"""Score the answers of both models, compare them pair by pair, and report."""
