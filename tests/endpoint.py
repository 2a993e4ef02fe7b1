"""A chat endpoint on this machine that counts words as tokens, for what asks one over HTTP."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

Request = dict[str, Any]


def completed(request: Request, text: str) -> dict[str, Any]:
    """The body of a reply: `text`, cut off where the request says."""
    words = text.split(" ")
    kept = words[: request.get("max_tokens", len(words))]
    reason = "length" if len(kept) < len(words) else "stop"
    return {
        "model": request["model"],
        "choices": [{"message": {"role": "assistant", "content": " ".join(kept)}, "finish_reason": reason}],
        "usage": {"completion_tokens": len(kept)},
    }


@contextmanager
def endpoint(reply: Callable[[Request], str], fail: Callable[[int], int] = lambda _: 200) -> Iterator[list[Request]]:
    """A chat endpoint on this machine; yields the requests that it got. `fail` gives the status of the n-th one."""
    got: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append({**request, "path": self.path, "key": self.headers["Authorization"]})
            status = fail(len(got))
            content = json.dumps(completed(request, reply(request)) if status == 200 else {"error": "busy"}).encode()
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
