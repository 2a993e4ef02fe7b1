"""A judging model is asked in both orders over HTTP; a stopped run goes on, and only a verdict that stays is a win."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from stages.common.errors import InputError
from stages.common.judge import REPLY
from stages.common.records import json_lines, read_rows, write_jsonl
from stages.evaluate.opinions.judges import judges
from stages.judge import main as judge
from tests.examples import row

NAMES = ("one", "two", "three", "four")
ANSWERS = {system: {name: f"{system} says {name}" for name in NAMES} for system in ("baseline", "finetuned")}
Request = dict[str, Any]


def is_first(request: Request, text: str) -> bool:
    """Whether answer A of the request holds `text`."""
    asked = request["messages"][1]["content"]
    return text in asked[asked.index("Answer A") : asked.index("Answer B")]


def likes_finetuned(request: Request) -> str:
    return "It is clearer.\n**A**" if is_first(request, "finetuned") else "B"


@contextmanager
def endpoint(reply: Callable[[Request], str], fail: Callable[[int], int] = lambda _: 200) -> Iterator[list[Request]]:
    """A chat endpoint on this machine; yields the requests that it got. `fail` gives the status of the n-th one."""
    got: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append({**request, "path": self.path, "key": self.headers["Authorization"]})
            status = fail(len(got))
            body = {
                "model": request["model"],
                "choices": [{"message": {"content": reply(request)}}],
                "usage": {"total_tokens": 9},
            }
            content = json.dumps(body if status == 200 else {"error": "busy"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        patch.setenv("OPENAI_API_KEY", "k")
        yield got
    server.shutdown()
    server.server_close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_jsonl(tmp_path / "test.jsonl", [row(name) for name in NAMES])
    for system, answers in ANSWERS.items():
        write_jsonl(tmp_path / f"{system}.jsonl", [{"id": name, "answer": text} for name, text in answers.items()])
    return tmp_path


def ask(project: Path, items: int = 4, model: str = "Some/Model-7B") -> None:
    judge(model, items, 0.01, project / "test.jsonl", project, project / "ratings")


def said(project: Path, answers: dict[str, dict[str, str]] = ANSWERS) -> dict[str, float]:
    return judges(project / "ratings", answers, {"one": 1.0, "two": 0.0, "three": 0.5}, 1, 100)["judge-some-model-7b"]


def test_a_verdict_that_stays_in_both_orders_is_a_win(project: Path) -> None:
    with endpoint(likes_finetuned) as got:
        ask(project)
    assert len(got) == 8
    assert {(request["path"], request["key"], request["temperature"]) for request in got} == {
        ("/v1/chat/completions", "Bearer k", 0)
    }
    found = said(project)
    assert (found["n"], found["wins"], found["ties"], found["inconsistent"]) == (4, 4, 0, 0)
    assert found["same_as_people"] == 0.5  # people prefer the baseline's answer to "two", and are undecided on "three"


@pytest.mark.parametrize("reply", ["A", "Verdict: B", "I can't say that A is better than B", ""])
def test_a_judge_that_goes_by_the_place_or_says_nothing_gives_ties(project: Path, reply: str) -> None:
    with endpoint(lambda _: reply):
        ask(project)
    found = said(project)
    assert (found["wins"], found["losses"], found["ties"], found["inconsistent"]) == (0, 0, 4, 4)


def test_replies_are_recorded_like_drafts(project: Path) -> None:
    with endpoint(likes_finetuned):
        ask(project, 1)
    first = read_rows(project / "ratings/judge-some-model-7b.jsonl", REPLY)[0]
    assert first.request["model"] == "Some/Model-7B"
    assert first.response["body"]["usage"] == {"total_tokens": 9}
    assert first.metadata.prompt_version
    assert len(first.metadata.date) == 10
    with endpoint(likes_finetuned) as got, pytest.raises(InputError, match="replies of another model"):
        ask(project, 1, "some-model-7b")
    assert not got


def test_an_endpoint_that_is_busy_is_asked_again_and_a_stopped_run_goes_on_where_it_was(project: Path) -> None:
    with endpoint(likes_finetuned, fail=lambda count: 429 if count in (1, 2, 5) else 200) as got:
        ask(project)
    assert len(got) == 8 + 3
    with endpoint(likes_finetuned) as got:
        ask(project)
    assert not got

    (project / "ratings/judge-some-model-7b.jsonl").unlink()
    with (
        endpoint(likes_finetuned, fail=lambda count: 200 if count <= 3 else 401),
        pytest.raises(InputError, match="status 401"),
    ):
        ask(project)
    assert len(list(json_lines(project / "ratings/judge-some-model-7b.jsonl"))) == 3
    with endpoint(likes_finetuned) as got:
        ask(project)
    assert len(got) == 5
    assert said(project)["wins"] == 4


def test_verdicts_on_answers_that_have_changed_do_not_count_and_are_asked_for_again(project: Path) -> None:
    with endpoint(likes_finetuned):
        ask(project)
    changed = {**ANSWERS, "finetuned": {**ANSWERS["finetuned"], "one": "finetuned says more"}}
    assert (said(project, changed)["n"], said(project, changed)["stale"]) == (3, 2)
    write_jsonl(project / "finetuned.jsonl", [{"id": name, "answer": text} for name, text in changed["finetuned"].items()])
    with endpoint(likes_finetuned) as got:
        ask(project)
    assert len(got) == 2
    assert said(project, changed)["n"] == 4


def test_an_endpoint_that_is_missing_or_answers_no_json_is_a_clear_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(InputError, match="OPENAI_BASE_URL: must be the address"):
        ask(project)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(InputError, match="no reply"):
        ask(project)
