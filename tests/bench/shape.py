"""A random 4-bit model of a given shape, built where it runs: the speed and the memory of the true one, no download."""

import random
from collections.abc import Callable
from pathlib import Path

import torch
from bitsandbytes.nn.modules import Linear4bit, Params4bit
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn
from transformers import BitsAndBytesConfig, MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
DTYPE = torch.bfloat16 if DEVICE == "cuda" else torch.float32


def mistral_7b(layers: int = 32) -> MistralConfig:
    return MistralConfig(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=layers,
        num_attention_heads=32,
        num_key_value_heads=8,
        sliding_window=None,
        max_position_embeddings=32768,
        rope_theta=1e6,
    )


def tiny(layers: int = 2) -> MistralConfig:
    """For trying the benchmark itself on a CPU."""
    return MistralConfig(
        vocab_size=512,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=None,
    )


def build(config: MistralConfig, *, quantise: bool = True, seed: int = 0) -> MistralForCausalLM:
    torch.manual_seed(seed)
    before = torch.get_default_dtype()
    torch.set_default_dtype(DTYPE)
    try:
        with torch.device("meta" if quantise else DEVICE):
            model = MistralForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    if quantise:
        for layer in model.model.layers:
            quantise_linears(layer)
        materialise(model)
        model.is_loaded_in_4bit = True  # what PEFT asks
    return model


def quantise_linears(layer: nn.Module) -> None:
    """Each linear filled with N(0, 0.02) and quantised before the next is made: the whole never stands in 16 bits."""
    for parent in list(layer.modules()):
        for name, linear in list(parent.named_children()):
            if isinstance(linear, nn.Linear):
                weight = torch.randn(linear.out_features, linear.in_features, device=DEVICE, dtype=DTYPE) * 0.02
                made = Linear4bit(
                    linear.in_features, linear.out_features, bias=False, compute_dtype=DTYPE, compress_statistics=True,
                    quant_type="nf4", device="meta",
                )  # fmt: skip
                made.weight = Params4bit(weight, requires_grad=False, compress_statistics=True, quant_type="nf4")
                if DEVICE == "cpu":
                    made.support_avx512bf16_for_cpu = False
                setattr(parent, name, made.to(DEVICE))


def materialise(model: MistralForCausalLM) -> None:
    """What isn't quantised: embedding and head random, norms one."""
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            if parameter.is_meta:
                made = torch.ones(parameter.shape, device=DEVICE, dtype=DTYPE)
                if parameter.dim() > 1:
                    made.normal_(std=0.02)
                setattr(module, name, nn.Parameter(made))
    model.model.rotary_emb = type(model.model.rotary_emb)(config=model.config).to(DEVICE)


def save(model: MistralForCausalLM, folder: Path) -> None:
    """In 4 bits as it stands, for a library that loads from a folder; config.json last, so that half a folder shows."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer(model.config.vocab_size).save_pretrained(folder)
    model.config.quantization_config = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=DTYPE
    )
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)


def tokenizer(vocabulary: int) -> PreTrainedTokenizerFast:
    words = {"<unk>": 0, "<s>": 1, "</s>": 2, **{f"t{number}": number for number in range(3, vocabulary)}}
    made = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<unk>"
    )


def alpaca_like(draw: random.Random) -> int:
    """A length from a log-normal fitted to alpaca: median about 85 tokens, mean about 110, cut at 512."""
    return max(16, min(512, int(draw.lognormvariate(4.45, 0.75))))


def rows(count: int, vocabulary: int, length: Callable[[random.Random], int], seed: int = 0) -> list[list[int]]:
    draw = random.Random(seed)
    return [[draw.randrange(3, vocabulary) for _ in range(length(draw))] for _ in range(count)]
