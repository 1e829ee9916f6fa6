"""Servers in threads of their own, there when the context begins."""
import contextlib
import threading
import time

import uvicorn
from werkzeug.serving import make_server


@contextlib.contextmanager
def asgi(app, port):
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def wsgi(app, port):
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
