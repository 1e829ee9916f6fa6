"""What a server says that it ran: a line for each `METHOD path`, operation, with how often and how often it failed."""
import collections
import threading


class Truth:
    def __init__(self):
        self.ran = collections.Counter()
        self.failed = collections.Counter()
        self.lock = threading.Lock()

    def add(self, endpoint, operation, failed=False):
        with self.lock:
            self.ran[endpoint, operation] += 1
            self.failed[endpoint, operation] += failed

    def write(self, path):
        rows = sorted(f"{endpoint}\t{operation}\t{count}\t{self.failed[endpoint, operation]}\n"
                      for (endpoint, operation), count in self.ran.items())
        path.write_text("".join(rows))
