"""
A TCP peer by the kernel. Listens or connects, sends seeded pseudo-random bytes, receives, closes in the way that was
asked for, and prints a line of JSON for each connection.

Sending and receiving go on at once. How a connection is closed (--ending):
  shutdown   closes its direction when all is sent, then reads to the peer's end: half-close from this side
  after-eof  sends all, reads to the peer's end, and only then closes: the peer closes first
  close      closes the socket when all is sent and --receive bytes have come: this side closes first
  reset      the same with SO_LINGER 0: a RST instead of a FIN
  hold       sends all, reads to the peer's end, reports, and never closes

With close and reset, bytes beyond --receive that arrive before the closing make the kernel send a RST.
"""
import argparse
import errno
import hashlib
import json
import random
import socket
import struct
import threading
import time

from inside import require_namespace

CHUNK = 1 << 16
printing = threading.Lock()


def report(**fields):
    with printing:
        print(json.dumps(fields), flush=True)


class Connection:
    def __init__(self, index, options):
        self.index = index
        self.options = options
        self.sent = 0
        self.received = 0
        self.sent_hash = hashlib.sha256()
        self.received_hash = hashlib.sha256()
        self.error = None
        self.eof = threading.Event()

    def run(self, connect_or_accepted):
        connection = None
        try:
            connection = connect_or_accepted()
            sender = threading.Thread(target=self.guarded, args=(self.send, connection), daemon=True)
            sender.start()
            self.guarded(self.receive, connection)
            sender.join()
            self.close(connection)
        except OSError as error:
            self.failed(error)
        report(
            event="done",
            index=self.index,
            sent=self.sent,
            sentSha256=self.sent_hash.hexdigest(),
            received=self.received,
            receivedSha256=self.received_hash.hexdigest(),
            ended="fin" if self.error is None else self.error,
        )
        if self.options.ending == "hold":
            threading.Event().wait()
        if connection is not None:
            connection.close()

    def guarded(self, work, connection):
        try:
            work(connection)
        except OSError as error:
            self.failed(error)
        finally:
            # A sender that waits for the peer's end must not wait for ever.
            if self.error is not None:
                self.eof.set()

    def failed(self, error):
        # The kernel tells the cause once, to whichever call comes first; the others only hear that it is over.
        if self.error in (None, "EPIPE", "ENOTCONN"):
            self.error = errno.errorcode.get(error.errno, str(error))

    def send(self, connection):
        if self.options.after_eof:
            self.eof.wait()
        source = random.Random(self.options.seed + self.index)
        while self.sent < self.options.send and self.error is None:
            block = source.randbytes(min(CHUNK, self.options.send - self.sent))
            connection.sendall(block)
            self.sent += len(block)
            self.sent_hash.update(block)
        if self.options.ending == "shutdown" and self.error is None:
            connection.shutdown(socket.SHUT_WR)

    def receive(self, connection):
        if self.options.read_delay:
            time.sleep(self.options.read_delay)
        early = self.options.ending in ("close", "reset")
        while not (early and self.received >= self.options.receive):
            block = connection.recv(CHUNK)
            if not block:
                self.eof.set()
                return
            self.received += len(block)
            self.received_hash.update(block)

    def close(self, connection):
        if self.error is not None:
            return
        if self.options.ending == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.options.ending != "hold":
            connection.close()


def socket_for(options):
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    new = socket.socket(family, socket.SOCK_STREAM)
    if options.receive_buffer:
        new.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.receive_buffer)
    return new


def listen(options):
    listener = socket_for(options)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options.host, options.port))
    listener.listen(1024)
    report(event="listening", port=listener.getsockname()[1])
    threads = []
    for index in range(options.connections):
        accepted, _ = listener.accept()
        threads.append(start(Connection(index, options), lambda accepted=accepted: accepted))
    return threads


def connect(options):
    def connected():
        connection = socket_for(options)
        if options.local_port:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            connection.bind(("", options.local_port))
        connection.connect((options.host, options.port))
        return connection

    return [start(Connection(index, options), connected) for index in range(options.connections)]


def start(connection, connect_or_accepted):
    thread = threading.Thread(target=connection.run, args=(connect_or_accepted,))
    thread.start()
    return thread


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", choices=["listen", "connect"], required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--local-port", type=int, default=0, help="to connect from; 0: any")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--send", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1, help="connection number i uses seed + i")
    parser.add_argument("--receive", type=int, default=0)
    parser.add_argument(
        "--ending", choices=["shutdown", "after-eof", "close", "reset", "hold"], default="shutdown"
    )
    parser.add_argument("--after-eof", action="store_true")
    parser.add_argument("--read-delay", type=float, default=0)
    parser.add_argument("--receive-buffer", type=int, default=0)
    options = parser.parse_args()
    require_namespace()
    threads = listen(options) if options.role == "listen" else connect(options)
    for thread in threads:
        thread.join()


main()
