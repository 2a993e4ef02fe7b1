"""Backend `openai`: a model that an endpoint serves (vLLM, TGI, Ollama), asked as OpenAI's chat API is.

`batch_size` questions are asked at a time. What the endpoint runs is out of DVC's sight: neither its model nor its answers
are pinned by anything here.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from rich.progress import track

from stages.common.endpoint import Endpoint
from stages.common.errors import InputError
from stages.common.prompts import messages
from stages.common.records import explain
from stages.params.predict import Params
from stages.predict.completion import Completion

BACKOFF = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Message:
    content: str


@dataclass(frozen=True, slots=True)
class Choice:
    message: Message
    finish_reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What is read of a reply; it may hold more."""

    choices: tuple[Choice, ...]
    usage: Usage


REPLY = TypeAdapter(Reply)


def completions(questions: Sequence[str], name: str, system: str, params: Params) -> list[Completion]:
    """The answers of the model `name`, in the order of the questions. Each is asked alone: the order changes nothing."""
    endpoint = Endpoint.of_environment(BACKOFF)

    def complete(question: str) -> Completion:
        return completion(endpoint.ask(request(question, name, system, params)), endpoint.url)

    with ThreadPoolExecutor(params.batch_size) as pool:
        return list(track(pool.map(complete, questions), "Answering", total=len(questions)))


def request(question: str, name: str, system: str, params: Params) -> dict[str, Any]:
    return {
        "model": name,
        "messages": messages(question, system),
        "temperature": 0,
        "max_tokens": params.max_new_tokens,
    }


def completion(body: Any, url: str) -> Completion:
    try:
        reply = REPLY.validate_python(body)
    except ValidationError as error:
        raise InputError(f"{url}: the reply is not one of OpenAI's chat API: {explain(error)}") from None
    if not reply.choices:
        raise InputError(f"{url}: the reply holds no choice")
    first = reply.choices[0]
    return Completion(first.message.content.strip(), reply.usage.completion_tokens, first.finish_reason == "length")
