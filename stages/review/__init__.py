"""Ask a person about what no rule should decide alone: doubtful personal data, and unchecked drafts."""
