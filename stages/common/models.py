"""Load the base that models/base describes: quantised the same way for training and for prediction.

models/base/base.json points to the weights: a folder beside it (embedded), a folder elsewhere (local), or a pinned
revision of a repository (hub). Weights are read from safetensors only, and no code of a repository is ever run.
"""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    set_seed,
)

from stages.common.errors import InputError
from stages.common.files import write_text
from stages.common.templates import TEMPLATES

POINTER = "base.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    source: str  # embedded, hub or local
    path: str  # a folder, or a repository id
    revision: str  # of a repository; else empty
    weights_sha256: str  # of the safetensors files of a folder; empty for a repository, whose revision pins them
    system_prompt: str
    precision: str = "auto"  # of the products: auto, bf16 or fp16
    template: str = "own"  # the tokenizer's own, or a name of TEMPLATES

    def compute_dtype(self) -> torch.dtype:
        """That of `precision` on a GPU (auto: bf16 where it has it, else fp16); fp32 on the CPU, whatever was asked for."""
        if not torch.cuda.is_available():
            return torch.float32
        bf16 = torch.cuda.is_bf16_supported() if self.precision == "auto" else self.precision == "bf16"
        return torch.bfloat16 if bf16 else torch.float16

    def load_arguments(self) -> dict[str, Any]:
        pinned = {"revision": self.revision} if self.source == "hub" else {"local_files_only": True}
        return {"pretrained_model_name_or_path": self.path, "trust_remote_code": False, **pinned}


def write_base(folder: Path, base: Base) -> None:
    write_text(folder / POINTER, json.dumps(asdict(base), indent=2, sort_keys=True) + "\n")


def read_base(folder: Path) -> Base:
    """The base that `folder` describes, with the path of its weights made whole and their hash checked."""
    pointer = folder / POINTER
    if not pointer.exists():
        raise InputError(f"{pointer}: no such file; run `dvc repro base_model`")
    base = Base(**json.loads(pointer.read_text(encoding="utf-8")))
    if base.source == "hub":
        return base
    path = folder / base.path if base.source == "embedded" else Path(base.path)
    if hash_of_weights(path) != base.weights_sha256:
        raise InputError(f"{path}: the weights are not those that base_model saw; run `dvc repro base_model`")
    return Base(**{**asdict(base), "path": str(path)})


def hash_of_weights(folder: Path) -> str:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise InputError(f"{folder}: holds no *.safetensors file; convert the weights, pickles are not loaded")
    digest = sha256()
    for file in files:
        with file.open("rb") as weights:
            while chunk := weights.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def load_tokenizer(base: Base) -> PreTrainedTokenizerBase:
    tokenizer = AutoTokenizer.from_pretrained(**base.load_arguments())
    tokenizer.chat_template = TEMPLATES.get(base.template, tokenizer.chat_template)
    if tokenizer.chat_template is None:
        raise InputError(f"{base.path}: the tokenizer has no chat template; name one in base_model.template")
    if tokenizer.pad_token is None:
        # Never EOS: the collator would hide every end of sequence from the loss.
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    return tokenizer


def load_quantised(base: Base) -> PreTrainedModel:
    """The base in 4 bits: NF4 with double quantisation (Dettmers et al. 2023), on this process's GPU where there is one."""
    dtype = base.compute_dtype()
    model = AutoModelForCausalLM.from_pretrained(
        **base.load_arguments(),
        use_safetensors=True,
        dtype=dtype,
        device_map={"": int(os.environ.get("LOCAL_RANK", "0")) if torch.cuda.is_available() else "cpu"},
        quantization_config=BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        ),
    )
    for module in model.modules():
        # On CPUs with AVX512-BF16 one evaluation pass would repack the 4-bit weights, lossily.
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
    return model


def make_deterministic(seed: int) -> None:
    """Seed every generator, before anything is drawn: LoRA matrices are, long before a trainer seeds."""
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # Filling fresh memory is a debugging aid, and a twentieth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    set_seed(seed)
