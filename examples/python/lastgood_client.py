"""A client of lastgood's SDK protocol. Standard library only, Python 3.9 and newer. Copy it and change it.

    client = connect("model", on_prepare=lambda files: json.loads(files["config.json"]))
    client.current()["batch_size"]
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
from typing import Any, Callable, Dict, Generic, Iterator, NamedTuple, Optional, Tuple, TypeVar
from urllib.parse import quote, urlencode

Files = Dict[str, bytes]
T = TypeVar("T")
TIMEOUT_S = 10.0
MAX_RECONNECT_WAIT_S = 1.0
log = logging.getLogger("lastgood")


class State(NamedTuple):
    status: str  # ok, degraded, pending-restart or disconnected
    reason: Optional[str] = None
    rejected: Optional[Dict[str, Any]] = None  # its version, and all reasons


class Loaded(NamedTuple):
    version: str
    value: Any  # what `on_prepare` returned


class Refused(OSError):
    """An answer of the sidecar that is not a success."""

    def __init__(self, status: int, body: bytes):
        super().__init__(f"the sidecar answers {status}: {body.decode(errors='replace').strip()[:1000]}")
        self.status = status


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str):
        super().__init__("lastgood")
        self.path = path
        self.stream = socket.socket(socket.AF_UNIX)

    def connect(self) -> None:
        self.sock = self.stream
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(self.path)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        headers = {"Lastgood-Protocol": "1", "Content-Type": "application/json", **headers}
        self.request(method, path, None if body is None else json.dumps(body), headers)
        response = self.getresponse()
        if response.status >= 300:
            raise Refused(response.status, response.read())
        return response


class Client(Generic[T]):
    """Waits for the first good version, and keeps to the newest one from then on.

    `on_prepare` makes a value of the files; if it raises, the version is refused. Then comes `on_commit` with the new
    and the previous value, or `on_abort`. A thread calls them, one at a time. If the part of the value that
    `needs_restart` returns has changed, the version waits for a restart of the app.
    """

    def __init__(
        self,
        bundle: str,
        socket_path: Optional[str] = None,
        *,
        on_prepare: Callable[[Files], T],
        on_commit: Callable[[T, T], object] = lambda value, previous: None,
        on_abort: Callable[[T], object] = lambda value: None,
        on_state: Callable[[State], object] = lambda state: None,
        needs_restart: Callable[[T], object] = lambda value: None,
        name: str = "",
        timeout: float = TIMEOUT_S,
    ):
        self.state = State("disconnected", "not connected yet")
        self._told = State("ok")  # what the sidecar said last
        self._bundle, self._name, self._needs_restart = bundle, name, needs_restart
        self._path = socket_path or os.environ.get("LASTGOOD_SOCKET") or "/lastgood/run/sdk.sock"
        self._on_prepare, self._on_commit, self._on_abort, self._on_state = on_prepare, on_commit, on_abort, on_state
        self._active: Optional[Loaded] = None
        self._prepared: Optional[Loaded] = None
        self._rollout = self._subscriber = self._last_id = ""
        self._connection = Connection(self._path)
        self._error: Optional[Exception] = None  # why it could not start
        self._started, self._closed = threading.Event(), threading.Event()
        threading.Thread(target=self._run, name="lastgood", daemon=True).start()
        if not self._started.wait(timeout):
            self._error = TimeoutError(f"no good version in {timeout} s: {self.state.reason}")
        if self._error is not None:
            self.close()
            raise self._error

    def current(self) -> T:
        assert self._active is not None
        return self._active.value

    @property
    def version(self) -> str:
        return self._active.version if self._active else ""

    def close(self) -> None:
        """Leaves: the sidecar no longer asks this process. The value stays."""
        if self._closed.is_set():
            return
        self._closed.set()
        with suppress(OSError, http.client.HTTPException):  # The sidecar may be away.
            self._request("DELETE")
        with suppress(OSError):
            self._connection.stream.shutdown(socket.SHUT_RDWR)  # Wakes the thread that reads.

    def _run(self) -> None:
        wait = 0.05
        while not self._closed.is_set():
            try:
                for event, data in self._events():
                    wait = 0.05
                    self._act(event, data)
                reason = "the sidecar has ended the connection"
            except (OSError, http.client.HTTPException, ValueError) as error:
                reason = f"cannot reach the sidecar: {error}"
                if isinstance(error, Refused) and error.status in (400, 404) and self._active is None:
                    self._error = error  # Another protocol, or no such bundle.
                    self._started.set()
            self._set_state(State("disconnected", reason))
            self._closed.wait(wait * random.uniform(0.5, 1))
            wait = min(wait * 2, MAX_RECONNECT_WAIT_S)
        self._let_go()

    def _events(self) -> Iterator[Tuple[str, Dict[str, Any]]]:
        query = urlencode({key: text for key, text in (("version", self.version), ("name", self._name)) if text})
        path = f"/v1/bundles/{quote(self._bundle, '')}/events?{query}"
        resume = {"Last-Event-ID": self._last_id} if self._last_id else {}
        self._connection = Connection(self._path)
        fields: Dict[str, str] = {}
        for line in self._connection.call("GET", path, **resume):
            field, _, text = line.decode().rstrip("\r\n").partition(":")
            if field:
                fields[field] = text[1:] if text.startswith(" ") else text
            elif "data" in fields:  # A blank line ends an event. A line that starts with `:` is a heartbeat.
                self._last_id = fields.get("id", self._last_id)
                yield fields["event"], json.loads(fields["data"])
                fields = {}

    def _act(self, event: str, data: Dict[str, Any]) -> None:
        is_prepared = self._prepared is not None and self._rollout == data.get("rollout")
        if event == "hello":
            self._connection.stream.settimeout(2.5 * data["heartbeatMs"] / 1000)
            if data["subscriber"] != self._subscriber:
                self._let_go()
            self._subscriber = data["subscriber"]
            self._set_state(self._told if self._active else self.state)
        elif event == "prepare" and self._prepare(event, data):
            self._ack(event, data, "accept")
        elif event in ("start", "commit", "rollback") and (is_prepared or self._prepare(event, data)):
            self._commit()
            self._ack(event, data, "accept")
        elif event == "abort" and is_prepared:
            self._let_go()
        elif event == "state":
            self._told = State(data["status"], data.get("reason"), data.get("rejected"))
            self._set_state(self._told)

    def _prepare(self, event: str, data: Dict[str, Any]) -> bool:
        """Makes a value of a version, or tells the sidecar why not."""
        self._let_go()
        self._rollout, self._prepared = data.get("rollout", ""), self._active
        if self.version == data["version"]:
            return True
        try:
            content = json.loads(self._request("GET", f"/versions/{data['version']}"))
        except Refused:
            return False  # It is over. The next event says which one is wanted.
        files = {file["path"]: base64.b64decode(file["content"]) for file in content["files"]}
        try:
            self._prepared = Loaded(data["version"], self._on_prepare(files))
            parts = [self._needs_restart(loaded.value) for loaded in (self._active, self._prepared) if loaded]
        except Exception as error:
            self._ack(event, data, "reject", str(error) or repr(error))
            if self._active is None:
                self._error = error
                self._started.set()
        else:
            if parts[0] == parts[-1]:
                return True
            self._ack(event, data, "restart", "a part that cannot change in a running process has changed")
        self._let_go()
        return False

    def _commit(self) -> None:
        previous, self._active, self._prepared = self._active, self._prepared, None
        self._set_state(self._told)
        self._started.set()
        if previous is not None and previous is not self._active:
            self._call(self._on_commit, self.current(), previous.value)

    def _let_go(self) -> None:
        prepared, self._prepared = self._prepared, None
        if prepared is not None and prepared is not self._active:
            self._call(self._on_abort, prepared.value)

    def _ack(self, event: str, data: Dict[str, Any], verdict: str, *reasons: str) -> None:
        ack = {key: data[key] for key in ("rollout", "version") if key in data}
        self._request("POST", "/acks", {**ack, "event": event, "verdict": verdict, "reasons": reasons})

    def _request(self, method: str, path: str = "", body: Any = None) -> bytes:
        url = f"/v1/subscribers/{self._subscriber}{path}"
        return Connection(self._path).call(method, url, body, Connection="close").read()

    def _set_state(self, state: State) -> None:
        if state != self.state and not self._closed.is_set():
            self.state = state
            self._call(self._on_state, state)

    def _call(self, function: Callable[..., object], *args: Any) -> None:
        try:
            function(*args)
        except Exception:
            log.exception("a function of the app failed")


connect = Client
