"""What a placeholder of personal data looks like: masking writes it, and whatever changes text later leaves it alone."""

PLACEHOLDER = r"\[[A-Z]+(?:_[A-Z]+)*_(?:\d+|k[0-9a-f]{6})\]"  # [EMAIL_1], or with a key [EMAIL_k3f9a01]
