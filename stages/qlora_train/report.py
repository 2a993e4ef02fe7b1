"""What a training leaves behind beside the adapter: figures and loss curves."""

from collections.abc import Iterator, Sequence

from transformers import TrainerState


def curve(history: Sequence[dict[str, float]], key: str) -> str:
    """A loss curve as CSV for `dvc plots`: nats a trained token, by step."""
    points = [(int(entry["step"]), entry[key]) for entry in history if key in entry]
    return "step,loss\n" + "".join(f"{step},{loss:.4f}\n" for step, loss in points)


def figures(state: TrainerState, trained: int, total: int) -> Iterator[tuple[str, float]]:
    yield "steps", state.global_step
    yield "trainable_parameters", trained
    yield "trainable_share", trained / total
    yield "best_validation_loss", state.best_metric
    yield "best_step", state.best_global_step
