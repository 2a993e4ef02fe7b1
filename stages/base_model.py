"""Make or resolve the base model that every later stage loads.

`embedded` trains a tokenizer and a small Mistral from scratch on the training split, in minutes and without a hub. The
text is given as plain documents, one topic each, with questions and sentences of answers in no order: the model then
knows the words and not the task, so that what fine-tuning adds can be seen. `hub` and `local` only leave a pointer.
"""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError
from rich.progress import Progress
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast

from stages.common.errors import InputError, run
from stages.common.files import whole_folder
from stages.common.metrics import write_metrics
from stages.common.models import Base, hash_of_weights, make_deterministic, write_base
from stages.common.records import Record, read_records
from stages.common.steps import steps_or_sentences
from stages.params.base_model import Embedded, Params
from stages.params.section import load_params

SENTENCES = 8  # of a document
SPECIAL = ["<unk>", "<s>", "</s>", "<pad>", "[INST]", "[/INST]"]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]"
    "{% elif message['role'] == 'system' %}{{ message['content'] }}\n\n"
    "{% else %} {{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)


def documents(records: Sequence[Record], seed: int) -> list[str]:
    """Each distinct question and sentence of an answer, once, shuffled within its topic and cut into short documents:
    nothing says which sentence answers which question, or in what order."""
    topics: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in records:
        topics[row.language, row.domain, row.task_type] |= {row.prompt, *steps_or_sentences(row.response)}
    draw = random.Random(seed)
    texts = []
    for topic in sorted(topics):
        sentences = sorted(topics[topic])
        draw.shuffle(sentences)
        texts += [" ".join(sentences[start : start + SENTENCES]) for start in range(0, len(sentences), SENTENCES)]
    draw.shuffle(texts)
    return texts


def train_tokenizer(texts: Sequence[str], params: Embedded) -> PreTrainedTokenizerFast:
    """Byte-level BPE: no text is out of its vocabulary. Digits stand alone, so that step numbers are learnt."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=params.vocab_size,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        additional_special_tokens=["[INST]", "[/INST]"],
        chat_template=TEMPLATE,
        model_max_length=params.context,
    )


def new_model(tokenizer: PreTrainedTokenizerFast, params: Embedded) -> MistralForCausalLM:
    return MistralForCausalLM(
        MistralConfig(
            vocab_size=len(tokenizer),
            hidden_size=params.hidden_size,
            intermediate_size=params.intermediate_size,
            num_hidden_layers=params.layers,
            num_attention_heads=params.heads,
            num_key_value_heads=params.key_value_heads,
            max_position_embeddings=params.context,
            sliding_window=None,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            tie_word_embeddings=True,
        )
    )


def blocks(texts: Sequence[str], tokenizer: PreTrainedTokenizerFast, size: int) -> torch.Tensor:
    """The documents as one stream of tokens, each ended by EOS, cut into rows: shape (rows, size)."""
    stream = [token for ids in tokenizer(list(texts))["input_ids"] for token in [*ids, tokenizer.eos_token_id]]
    count = len(stream) // size
    if not count:
        raise InputError(f"base_model: {len(stream)} training tokens do not fill one block of {size}: too little text")
    return torch.tensor(stream[: count * size]).view(count, size)


def optimizers(model: MistralForCausalLM, rate: float) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the matrices of the layers, AdamW for the rest, scaled to share one rate: at this size
    it reaches in one pass over the text what AdamW alone needs three for."""
    matrices = [weight for name, weight in model.named_parameters() if ".layers." in name and weight.ndim == 2]
    rest = [weight for name, weight in model.named_parameters() if not (".layers." in name and weight.ndim == 2)]
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.95), weight_decay=0.01),
    ]


def cosine(steps: int, step: int) -> float:
    """Share of the full rate at `step`: a short rise, then half a cosine down to a twentieth."""
    return min((step + 1) / max(1, steps // 20), 0.05 + 0.95 * (1 + math.cos(math.pi * step / steps)) / 2)


def pretrain(model: MistralForCausalLM, rows: torch.Tensor, params: Embedded) -> list[float]:
    """Next-token training; returns the mean loss of each epoch, in nats a token."""
    model.to("cuda" if torch.cuda.is_available() else "cpu").train()
    steps = math.ceil(len(rows) / params.batch_size) * params.epochs
    pair = optimizers(model, params.learning_rate)
    schedules = [torch.optim.lr_scheduler.LambdaLR(optimizer, partial(cosine, steps)) for optimizer in pair]
    losses = []
    with Progress() as progress:
        task = progress.add_task("Pretraining", total=steps)
        for _ in range(params.epochs):
            total = 0.0
            for index in torch.randperm(len(rows)).split(params.batch_size):
                batch = rows[index].to(model.device)
                loss = model(input_ids=batch, labels=batch).loss
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                for optimizer, schedule in zip(pair, schedules, strict=True):
                    optimizer.step()
                    schedule.step()
                model.zero_grad(set_to_none=True)
                total += loss.item() * len(index)
                progress.update(task, advance=1, description=f"Pretraining, loss {loss.item():.2f}")
            losses.append(total / len(rows))
    if losses and not math.isfinite(losses[-1]):
        raise InputError("base_model: the loss is not finite; lower base_model.embedded.learning_rate")
    return losses


def embed(records: Sequence[Record], params: Params, target: Path) -> dict[str, float]:
    make_deterministic(params.embedded.seed)
    texts = documents(records, params.embedded.seed)
    tokenizer = train_tokenizer(texts, params.embedded)
    model = new_model(tokenizer, params.embedded)
    rows = blocks(texts, tokenizer, params.embedded.block)
    losses = pretrain(model, rows, params.embedded)
    with whole_folder(target) as folder:
        model.to("cpu").save_pretrained(folder / "model", safe_serialization=True)
        tokenizer.save_pretrained(folder / "model")
        weights = hash_of_weights(folder / "model")
        write_base(folder, described(params, "model", "", weights))
    size = {"parameters": model.num_parameters(), "vocabulary": len(tokenizer), "tokens": rows.numel()}
    return {**size, **({"first_epoch_loss": losses[0], "last_epoch_loss": losses[-1]} if losses else {})}


def point(params: Params, target: Path) -> dict[str, float]:
    """Leave a pointer to a model that is already there; a repository without safetensors is refused."""
    weights = check_hub(params.id, params.revision) if params.source == "hub" else hash_of_weights(Path(params.id))
    with whole_folder(target) as folder:
        write_base(folder, described(params, params.id, params.revision, weights))
    return {}


def described(params: Params, path: str, revision: str, weights: str) -> Base:
    return Base(
        source=params.source,
        path=path,
        revision=revision,
        weights_sha256=weights,
        system_prompt=params.system_prompt,
        precision=params.precision,
        template=params.template,
    )


def check_hub(repo: str, revision: str) -> str:
    try:
        files = HfApi().list_repo_files(repo, revision=revision)
    except (RepositoryNotFoundError, RevisionNotFoundError, HfHubHTTPError, OSError) as error:
        raise InputError(f"base_model.id: {repo} at {revision[:8]} cannot be read: {str(error).splitlines()[0]}") from None
    if not any(file.endswith(".safetensors") for file in files):
        raise InputError(f"base_model.id: {repo} has no safetensors weights, and pickles are not loaded")
    return ""


def main(
    train: Annotated[Path, typer.Argument(help="Training split, JSONL; read for the embedded model only.")],
    target: Annotated[Path, typer.Argument(help="Folder of the base model or of its pointer.")],
    report: Annotated[Path, typer.Argument(help="Size and losses, JSON.")],
) -> None:
    """Train the embedded base model, or point to one on the hub or on disk."""
    params = load_params("base_model", Params)
    result = embed(read_records(train), params, target) if params.source == "embedded" else point(params, target)
    write_metrics(report, {"source": params.source, "id": params.id or "embedded", **result})


if __name__ == "__main__":
    run(main)
