"""metrics/report.md and metrics/report.html: what a reviewer of a change wants to read first."""
