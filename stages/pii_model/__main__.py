"""Train the small recogniser of names from sentence templates: seconds on a CPU, no download, the same bytes each time.

Writes a spaCy pipeline that `mask_pii.names: small` uses beside the rules, and its scores on sentences that it has not
seen. The lists know the usual names; this model finds those that no list holds by the words around them.
"""

import random
from pathlib import Path
from shutil import rmtree
from typing import Annotated, Any

import typer

from stages.common.errors import run
from stages.common.metrics import write_metrics
from stages.common.pii.presidio import spacy
from stages.params.pii_model import Params
from stages.params.section import load_params
from stages.pii_model.sentences import Annotation, sentences


def pipeline(params: Params) -> Any:
    """A tokenizer and a small recogniser that sees a word, its shape and its neighbours."""
    nlp = spacy.blank("xx")
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": params.width,
        "depth": params.depth,
        "embed_size": 1000,
        "window_size": 1,
        "maxout_pieces": 2,
        "subword_features": True,
    }
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 32,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": tok2vec,
    }
    nlp.add_pipe("ner", config={"model": model})
    return nlp


def examples(nlp: Any, rows: list[Annotation]) -> list[Any]:
    return [
        spacy.training.Example.from_dict(nlp.make_doc(text), {"entities": [(start, end, "PERSON") for start, end in people]})
        for text, people in rows
    ]


def trained(params: Params) -> tuple[Any, dict[str, float]]:
    """The pipeline after `epochs`, and its scores on a tenth of the sentences that it was not shown."""
    spacy.util.fix_random_seed(params.seed)
    order = random.Random(params.seed)
    nlp = pipeline(params)
    rows = examples(nlp, sentences(params.sentences, order))
    held, shown = rows[: len(rows) // 10], rows[len(rows) // 10 :]
    optimizer = nlp.initialize(lambda: shown)
    optimizer.learn_rate = params.learning_rate
    for _ in range(params.epochs):
        order.shuffle(shown)
        for batch in spacy.util.minibatch(shown, params.batch_size):
            nlp.update(batch, sgd=optimizer, drop=params.dropout)
    scores = nlp.evaluate(held)
    return nlp, {"precision": scores["ents_p"], "recall": scores["ents_r"], "sentences": len(rows)}


def main(
    target: Annotated[Path, typer.Argument(help="Folder for the spaCy pipeline.")],
    report: Annotated[Path, typer.Argument(help="Scores on unseen sentences, JSON.")],
) -> None:
    """Train the recogniser of names."""
    nlp, scores = trained(load_params("pii_model", Params))
    rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(target)
    write_metrics(report, scores)


if __name__ == "__main__":
    run(main)
