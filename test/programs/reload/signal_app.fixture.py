"""An app that reads its configuration again on SIGHUP, and goes on with the old one when it cannot.

With --check DIR it only checks whether it could run on that directory.
"""
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def load(directory):
    with open(os.path.join(directory, "config.json")) as file:
        config = json.load(file)
    if not 1 <= config["batch_size"] <= 64:
        raise ValueError("batch_size must be from 1 to 64")
    return config


class Model:
    def __init__(self, directory):
        self.directory = directory
        self.config = load(directory)
        self.trouble = None
        signal.signal(signal.SIGHUP, self.reload)

    def reload(self, signum, frame):
        try:
            self.config = load(self.directory)
            self.trouble = None
        except Exception as error:
            self.trouble = str(error)


def serve(model, port):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_health = self.path == "/health"
            body = (model.trouble or "ok") if is_health else model.config["greeting"]
            self.send_response(503 if is_health and model.trouble else 200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    Server(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        load(sys.argv[2])
    else:
        serve(Model(sys.argv[1]), int(sys.argv[2]))
