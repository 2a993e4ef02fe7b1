"""Is this revision worse than another one? Answered from the metrics in Git, without data, model or remote."""
