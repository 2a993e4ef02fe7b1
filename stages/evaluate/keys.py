"""The metric keys: those of the contract, which other people's scripts rely on, and what is measured beside them."""

ANSWER = ("bleu", "rouge1", "rouge2", "rougeL", "meteor", "bertscore_f1", "exact_match", "token_f1")
STEPS = ("accuracy", "order", "completeness", "format")
QUALITY = tuple(f"answer.{name}" for name in ANSWER) + tuple(f"steps.{name}" for name in STEPS)
LEAK = "safety.pii_leak_rate"
BESIDE = (
    "text.chrf",
    "text.length_ratio",
    "text.repetition_rate",
    "text.truncation_rate",
    "safety.refusal_rate",
    LEAK,
)
MEASURED = QUALITY + BESIDE
MODELS = ("baseline", "finetuned")
ANSWERING = (*MODELS, "repeat")  # the third is the baseline asked again, for the noise
SYSTEMS = (*MODELS, "reference")  # the third is what people wrote


def lower_is_better(key: str) -> bool:
    """The direction is in the name."""
    return key.endswith("_rate")
