"""The app of `app.ts`, with the Python client: commands on stdin, what it sees on stdout, a line of JSON each."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parents[3] / "examples" / "python"))
from lastgood_client import Client  # noqa: E402

options = json.loads(sys.argv[1])
answer = {"do": "accept"}
released = threading.Event()
is_connected = False
connected = threading.Event()


def tell(seen, **data):
    line = json.dumps({"seen": seen, **{key: value for key, value in data.items() if value is not None}})
    os.write(1, f"{line}\n".encode())


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def prepare(files):
    value = {name: json.loads(files[f"{name}.json"]) for name in ("config", "features")}
    if value["config"].get("batch_size", 1) > 64:
        raise ValueError("config.json: batch_size must be at most 64")
    if not is_connected:
        return value
    tell("prepare", generation=value["config"]["generation"])
    doing = answer
    if doing["do"] == "hold":
        released.wait()
    if doing["do"] == "slow":
        time.sleep(doing["ms"] / 1000)
    if doing["do"] == "reject":
        raise RuntimeError(doing["reason"])
    if doing["do"] == "die" and doing["in"] == "prepare":
        die()
    return value


def commit(value, previous):
    if answer["do"] == "die":
        die()
    connected.wait()
    tell("change", value=value, version=client.version)
    if options.get("closeOnChange"):
        client.close()
        tell("closed")


def show_state(state):
    tell("state", status=state.status, reason=state.reason, rejected=(state.rejected or {}).get("version"))


try:
    client = Client(
        options["bundle"],
        socket_path=options["socket"],
        on_prepare=prepare,
        on_commit=commit,
        on_abort=lambda value: tell("abort", generation=value["config"]["generation"]),
        on_state=show_state,
        needs_restart=lambda value: value["config"].get("workers", 1),
        name=options["name"],
        timeout=180.0,
    )
except Exception as error:
    tell("failed", code=type(error).__name__, message=str(error))
    sys.exit()
is_connected = True
tell("connected", value=client.current, version=client.version)
connected.set()
for line in sys.stdin:
    command = json.loads(line)
    if command["do"] == "hold":
        released.clear()
    if command["do"] == "release":
        released.set()
    if command["do"] == "close":
        client.close()
        tell("closed")
    answer = command
    tell("done", do=command["do"])
