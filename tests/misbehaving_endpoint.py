"""An endpoint on this machine that answers chat completions well, or in any of the ways real ones fail.

with serving(lambda asked: 503 if asked.number < 2 else "yes") as endpoint:
    ... endpoint.url, endpoint.asked
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request: its place among the chat completions (from 0), path, headers, body."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def prompt(self) -> str:
        """The words of the last message."""
        content = self.body["messages"][-1]["content"]
        return content if isinstance(content, str) else content[-1]["text"]


@dataclass(frozen=True)
class Raw:
    """An answer byte for byte; `length` announces a false length, `hang` is seconds in its middle."""

    content: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    hang: float = 0.0


Answer = str | int | Raw | Mapping[str, Any]


@dataclass
class Endpoint:
    """What a test sees: the url, what was asked, how many requests were under way at most."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    most: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def chat(text: str | None, **more: Any) -> dict[str, Any]:
    """A chat completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
    return {"object": "chat.completion", "choices": [choice | more], "usage": usage}


@contextmanager
def serving(
    answer: Callable[[Asked], Answer],
    models: Answer | None = None,
    port: int = 0,
) -> Iterator[Endpoint]:
    """Serve until the block ends; `answer` gives a text, a status, a JSON body or a Raw one."""
    endpoint = Endpoint("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            endpoint.paths.append(self.path)
            self._send(models if models is not None else {"data": [{"id": "tiny"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with endpoint.lock:
                asked = Asked(len(endpoint.asked), self.path, dict(self.headers), body)
                endpoint.asked.append(asked)
                endpoint.now += 1
                endpoint.most = max(endpoint.most, endpoint.now)
            try:
                self._send(answer(asked))
            finally:
                with endpoint.lock:
                    endpoint.now -= 1

        def _send(self, answer: Answer) -> None:
            if isinstance(answer, str):
                answer = chat(answer)
            if isinstance(answer, int):
                answer = Raw(json.dumps({"error": {"message": f"status {answer}"}}).encode(), answer)
            if not isinstance(answer, Raw):
                answer = Raw(json.dumps(answer).encode())
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                length = len(answer.content) if answer.length is None else answer.length
                self.send_header("Content-Length", str(length))
                self.end_headers()
                half = len(answer.content) // 2
                self.wfile.write(answer.content[:half])
                if answer.hang:
                    self.wfile.flush()
                    time.sleep(answer.hang)
                self.wfile.write(answer.content[half:])
            except OSError:
                pass  # the other side has gone

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
