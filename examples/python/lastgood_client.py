"""A client of lastgood's SDK protocol. Standard library only, Python 3.9 and newer. Copy it and change it.

    client = Client("model", on_prepare=lambda files: json.loads(files["config.json"]))
    client.current["batch_size"]
"""

from __future__ import annotations

import base64
import http.client
import json
import logging
import os
import random
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Callable, Dict, Generic, Iterator, NamedTuple, Optional, Tuple, TypeVar, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

Files = Dict[str, bytes]
T = TypeVar("T")
TIMEOUT_S = 10.0


class State(NamedTuple):
    status: str  # ok, degraded, pending-restart or disconnected
    reason: Optional[str] = None
    rejected: Optional[Dict[str, Any]] = None  # its version, and all reasons


def send(stream: socket.socket, path: str, method: str, url: str, body: Any = None, **headers: str):
    """Sends a request to the Unix socket at `path`, and returns the answer. Raises if it is not a success."""
    stream.settimeout(TIMEOUT_S)
    stream.connect(path)
    connection = http.client.HTTPConnection("lastgood")
    connection.sock = stream
    connection.request(method, url, json.dumps(body) if body else None, {"Lastgood-Protocol": "1", **headers})
    answer = connection.getresponse()
    if answer.status >= 300:
        reason = answer.read(1000).decode(errors="replace").strip()
        raise HTTPError(url, answer.status, reason, answer.headers, answer)
    return answer


@dataclass(eq=False)
class Client(Generic[T]):
    """Waits for the first good version, and keeps to the newest one from then on.

    `on_prepare` makes a value of the files; if it raises, the version is refused. Then comes `on_commit` with the new
    and the previous value, or `on_abort`. A thread calls them, one at a time. If the part of the value that
    `needs_restart` returns has changed, the version waits for a restart of the app.
    """

    bundle: str
    on_prepare: Callable[[Files], T]
    on_commit: Callable[[T, T], object] = lambda value, previous: None
    on_abort: Callable[[T], object] = lambda value: None
    on_state: Callable[[State], object] = lambda state: None
    needs_restart: Callable[[T], object] = lambda value: None
    name: str = ""
    socket_path: str = os.environ.get("LASTGOOD_SOCKET") or "/lastgood/run/sdk.sock"
    timeout: float = TIMEOUT_S

    def __post_init__(self) -> None:
        self.state = State("disconnected", "not connected yet")
        self.version = ""  # none yet
        self.current = cast(T, None)  # what `on_prepare` made of this version
        self._prepared: Optional[Tuple[str, T]] = None  # a version and its value
        self._told = State("ok")  # what the sidecar said last
        self._subscriber = ""
        self._resume: Dict[str, str] = {}
        self._stream = socket.socket(socket.AF_UNIX)
        self._error: Optional[Exception] = None  # why it could not start
        self._started, self._closed = threading.Event(), threading.Event()
        threading.Thread(target=self._run, name="lastgood", daemon=True).start()
        if not self._started.wait(self.timeout):
            self._error = TimeoutError(f"no good version in {self.timeout} s: {self.state.reason}")
        if self._error is not None:
            self.close()
            raise self._error

    def close(self) -> None:
        """Leaves: the sidecar no longer asks this process. The value stays."""
        self._closed.set()
        with suppress(OSError, http.client.HTTPException):  # The sidecar may be away.
            self._stream.shutdown(socket.SHUT_RDWR)  # Wakes the thread that reads.
            if self._subscriber:
                self._request("DELETE")

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                for event, data in self._events():
                    self._act(event, data)
                raise ConnectionError("it has ended the connection")
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._set_state(State("disconnected", f"cannot reach the sidecar: {error}"))
                if isinstance(error, HTTPError) and error.code in (400, 404):
                    self._fail(error)  # Another protocol, or no such bundle.
            self._closed.wait(random.uniform(0.05, 1))  # Not all processes at once.
        self._let_go()

    def _events(self) -> Iterator[Tuple[str, Dict[str, Any]]]:
        query = urlencode({key: text for key, text in (("version", self.version), ("name", self.name)) if text})
        url = f"/v1/bundles/{quote(self.bundle, '')}/events?{query}"
        self._stream = socket.socket(socket.AF_UNIX)
        fields: Dict[str, str] = {}
        for line in send(self._stream, self.socket_path, "GET", url, **self._resume):
            field, _, text = line.decode().rstrip("\r\n").partition(":")
            if field:
                fields[field] = text[1:] if text.startswith(" ") else text
            elif "data" in fields:  # A blank line ends an event. A line that starts with `:` is a heartbeat.
                self._resume = {"Last-Event-ID": fields["id"]}
                yield fields["event"], json.loads(fields["data"])
                fields = {}

    def _act(self, event: str, data: Dict[str, Any]) -> None:
        is_prepared = self._prepared is not None and self._prepared[0] == data.get("version")
        if event == "hello":
            self._stream.settimeout(2.5 * data["heartbeatMs"] / 1000)
            if data["subscriber"] != self._subscriber:
                self._let_go()
            self._subscriber = data["subscriber"]
            if self.version:
                self._set_state(self._told)
        elif event == "state":
            self._told = State(data["status"], data.get("reason"), data.get("rejected"))
            self._set_state(self._told)
        elif event == "abort" and is_prepared:
            self._let_go()
        elif event in ("prepare", "start", "commit", "rollback") and (is_prepared or self._prepare(event, data)):
            if event != "prepare" and self._prepared is not None:
                self._commit(*self._prepared)
            self._ack(event, data, "accept")

    def _prepare(self, event: str, data: Dict[str, Any]) -> bool:
        """Makes a value of a version, or tells the sidecar why not."""
        self._let_go()
        version = data["version"]
        if version == self.version:
            self._prepared = version, self.current
            return True
        try:
            content = json.loads(self._request("GET", f"/versions/{version}"))
        except HTTPError:
            return False  # It is over. The next event says which one is wanted.
        files = {file["path"]: base64.b64decode(file["content"]) for file in content["files"]}
        try:
            value = self.on_prepare(files)
            self._prepared = version, value
            if not self.version or self.needs_restart(value) == self.needs_restart(self.current):
                return True
        except Exception as error:
            self._let_go()
            self._ack(event, data, "reject", str(error) or repr(error))
            self._fail(error)
            return False
        self._let_go()
        self._ack(event, data, "restart", "a part that cannot change in a running process has changed")
        return False

    def _commit(self, version: str, value: T) -> None:
        before, previous = self.version, self.current
        self.version, self.current, self._prepared = version, value, None
        self._set_state(self._told)
        self._started.set()
        if before not in ("", version):
            self._call(self.on_commit, value, previous)

    def _let_go(self) -> None:
        prepared, self._prepared = self._prepared, None
        if prepared is not None and prepared[0] != self.version:
            self._call(self.on_abort, prepared[1])

    def _fail(self, error: Exception) -> None:
        if not self.version:  # An app that runs goes on with what it has.
            self._error = error
            self._started.set()

    def _ack(self, event: str, data: Dict[str, Any], verdict: str, *reasons: str) -> None:
        ack = {key: data[key] for key in ("rollout", "version") if key in data}
        self._request("POST", "/acks", {**ack, "event": event, "verdict": verdict, "reasons": reasons})

    def _request(self, method: str, path: str = "", body: Any = None) -> bytes:
        url = f"/v1/subscribers/{self._subscriber}{path}"
        with socket.socket(socket.AF_UNIX) as stream:
            return send(stream, self.socket_path, method, url, body, Connection="close").read()

    def _set_state(self, state: State) -> None:
        if state != self.state and not self._closed.is_set():
            self.state = state
            self._call(self.on_state, state)

    def _call(self, function: Callable[..., object], *args: Any) -> None:
        try:
            function(*args)
        except Exception:
            logging.getLogger("lastgood").exception("a function of the app failed")
