"""The metric keys of the contract: names that other people's scripts rely on."""

ANSWER = ("bleu", "rouge1", "rouge2", "rougeL", "meteor", "bertscore_f1", "exact_match", "token_f1")
STEPS = ("accuracy", "order", "completeness", "format")
QUALITY = tuple(f"answer.{name}" for name in ANSWER) + tuple(f"steps.{name}" for name in STEPS)
LEAK = "safety.pii_leak_rate"
