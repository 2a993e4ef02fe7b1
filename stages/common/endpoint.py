"""An endpoint that speaks OpenAI's chat API, wherever it stands: named by OPENAI_BASE_URL and, where needed, OPENAI_API_KEY."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from stages.common.errors import InputError
from stages.common.records import parse_json

TRANSIENT = (408, 409, 429, 500, 502, 503, 504)
TIMEOUT = (10, 300)  # seconds to connect, to answer


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    client: requests.Session

    @classmethod
    def of_environment(cls, backoff: float) -> "Endpoint":
        """`backoff`: seconds before a second further try; each one after that waits twice as long."""
        url = os.environ.get("OPENAI_BASE_URL", "").rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise InputError(f"OPENAI_BASE_URL: must be the address of an endpoint, as https://host/v1, is {url!r}")
        return cls(url, session(os.environ.get("OPENAI_API_KEY", ""), backoff))

    def ask(self, request: Mapping[str, Any]) -> Any:
        """The body of one reply."""
        try:
            response = self.client.post(f"{self.url}/chat/completions", json=request, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise InputError(f"{self.url}: no reply ({error})") from None
        if response.status_code != requests.codes.ok:
            raise InputError(f"{self.url}: status {response.status_code}: {response.text[:200]}")
        return parse_json(response.content, self.url)


def session(key: str, backoff: float) -> requests.Session:
    """A client that tries again where that can help, waiting twice as long each time, or as long as the server says."""
    found = requests.Session()
    retry = Retry(total=6, backoff_factor=backoff, status_forcelist=TRANSIENT, allowed_methods=None, raise_on_status=False)
    for scheme in ("http://", "https://"):
        found.mount(scheme, HTTPAdapter(max_retries=retry))
    if key:
        found.headers["Authorization"] = f"Bearer {key}"
    return found
