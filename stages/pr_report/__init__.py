"""The one comment that a pull request gets: what it did to metrics, parameters and data."""
