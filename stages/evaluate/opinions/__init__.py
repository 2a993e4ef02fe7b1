"""What people and judging models say of the answers: read, held against the published keys, and put into numbers."""
