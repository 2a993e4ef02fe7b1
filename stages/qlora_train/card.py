"""The model card inside the adapter: what it was made from, and nothing that two runs would say differently.

The scores, with intervals and the commit, are known only later: `python -m stages.export` writes them.
"""

from collections.abc import Mapping
from hashlib import md5
from pathlib import Path

from stages.common.metrics import rounded
from stages.common.models import Base
from stages.common.tables import table
from stages.params.qlora_train import Params
from stages.qlora_train.place import Inputs


def card(base: Base, params: Params, inputs: Inputs, results: Mapping[str, float]) -> str:
    name = base.path if base.source == "hub" else f"{base.source} model"
    pinned = base.revision or f"weights sha256 {base.weights_sha256}"
    hub = f"base_model: {base.path}\n" if base.source == "hub" else ""
    return (
        f"---\n{hub}library_name: peft\npipeline_tag: text-generation\ntags: [lora, how-to]\n---\n"
        "# Adapter that answers how-to questions in numbered steps\n\n"
        f"LoRA weights for {name} ({pinned}), trained on its NF4 quantisation by Stepwise. Load them with\n"
        "`peft.PeftModel.from_pretrained(base, folder)`, and ask in the base model's own chat template"
        f"{f', with the system prompt “{base.system_prompt}”' if base.system_prompt else ''}.\n\n"
        f"## Data\n\n{listed('file', 'md5', {file.name: md5_of(file) for file in inputs.data()})}\n"
        f"## Training\n\n{listed('figure', 'value', rounded(results))}\n"
        f"## Parameters\n\n{listed('parameter', 'value', params.model_dump(exclude={'report_to'}))}"
    )


def listed(name: str, value: str, values: Mapping[str, object]) -> str:
    return table([name, value], [[key, str(values[key])] for key in values], right=2)


def md5_of(file: Path) -> str:
    """As `dvc.lock` names the file."""
    return md5(file.read_bytes(), usedforsecurity=False).hexdigest()
