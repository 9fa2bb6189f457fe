"""An app for gunicorn whose workers read their configuration when they start.

A worker that dies while it starts ends all of gunicorn, so that a file which cannot be read must be
refused before: run as a program with a directory, it says whether a worker could start on it.
"""
import json
import os
import sys


def load(directory):
    with open(os.path.join(directory, "config.json")) as file:
        config = json.load(file)
    if "greeting" not in config:
        raise ValueError("greeting is missing")
    return config


def app(environ, start_response):
    is_health = environ["PATH_INFO"] == "/health"
    is_well = CONFIG.get("device") != "cuda"
    status = "503 Service Unavailable" if is_health and not is_well else "200 OK"
    body = b"no such device" if is_health and not is_well else CONFIG["greeting"].encode()
    start_response(status, [("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    load(sys.argv[1])
else:
    CONFIG = load(os.environ["CONFIG_DIR"])
