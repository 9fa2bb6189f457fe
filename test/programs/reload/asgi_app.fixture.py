"""An app for uvicorn whose workers read their configuration when they start, as most apps do.

Every parser reads the file. With a `fault`, the app refuses it, hangs while it starts, or dies a second
after its start.
"""
import json
import os
import threading
import time

with open(os.path.join(os.environ["CONFIG_DIR"], "config.json")) as file:
    CONFIG = json.load(file)

FAULT = CONFIG.get("fault")
if FAULT == "refuses":
    raise ValueError("no such device")
if FAULT == "hangs":
    time.sleep(3600)
if FAULT == "dies":
    threading.Timer(1, os._exit, [1]).start()


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": CONFIG["greeting"].encode()})
