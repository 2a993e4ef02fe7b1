"""What a forum and a batch API write: of each thread the best answer, of each request the answer or the error."""

import json
from pathlib import Path
from typing import Any

from stages.ingest.readers import Rows, Unreadable, read_json, read_jsonl


def read_forum(path: Path) -> Rows:
    """A forum dump: the accepted answer of a thread, else the one with most votes above zero."""
    for number, thread in read_json(path):
        if isinstance(thread, Unreadable):
            yield number, thread
            continue
        try:
            rated = [(bool(post.get("accepted")), int(post.get("votes") or 0), post["text"]) for post in thread["answers"]]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            yield number, Unreadable(f"not a thread: 'answers' must list text, votes, accepted: {error!r}", json.dumps(thread))
            continue
        good = [post for post in rated if post[0] or post[1] > 0]
        best = max(good, key=lambda post: post[:2], default=(False, 0, ""))
        yield number, {**{key: value for key, value in thread.items() if key != "answers"}, "answer": best[2]}


def read_batch(path: Path) -> Rows:
    """A batch API's output: each line has the request that was sent and the response, or an error."""
    for number, row in read_jsonl(path):
        if isinstance(row, Unreadable):
            yield number, row
            continue
        try:
            messages = row["request"]["messages"]
            prompt = next(message["content"] for message in reversed(messages) if message["role"] == "user")
            error = row.get("error") or row["response"]["body"].get("error")
            answer = "" if error else row["response"]["body"]["choices"][0]["message"]["content"]
            fields = {**row["metadata"], "draft_id": row["custom_id"], "question": prompt, "answer": answer}
            if error:
                fields["error"] = told(error)
        except (KeyError, IndexError, TypeError, AttributeError, StopIteration) as fault:
            yield number, Unreadable(f"not a batch result: {type(fault).__name__} {fault}", json.dumps(row))
        else:
            yield number, fields


def told(error: Any) -> str:
    """An API's error in words: its code and message where it has them."""
    parts = [error[name] for name in ("code", "message") if error.get(name)] if isinstance(error, dict) else []
    return f"the request failed: {': '.join(map(str, parts)) or error}"
