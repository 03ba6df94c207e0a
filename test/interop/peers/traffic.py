"""Provokes packets of many kinds between two hosts, for captures that our codecs are compared with tshark on."""

import ctypes
import fcntl
import http.server
import socket
import struct
import sys
import threading
import time

HTTP_PORT, CLOSED_PORT, FAST_PORT, SIGNED_PORT, UDP_PORT = 8000, 8001, 8002, 8003, 8004
SO_NO_CHECK, TCP_MD5SIG = 11, 14
TCP_FASTOPEN, MSG_FASTOPEN = 23, 0x20000000
KEY = b"postel"


def offload_off(device):
    """Turns off checksum, TSO, GSO and GRO offload by SIOCETHTOOL, without ethtool."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in (0x17, 0x1F, 0x24, 0x2C):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP", device.encode(), ctypes.addressof(value))
            fcntl.ioctl(control, 0x8946, request + bytes(16))


def await_address(text):
    """Waits until an IPv6 address is no longer tentative."""
    until = time.monotonic() + 10
    while True:
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
                return probe.bind((text, 0))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def sign(connection, host):
    """RFC 2385 signatures on what goes to and comes from `host`; struct tcp_md5sig of linux/tcp.h."""
    family = family_of(host)
    if family == socket.AF_INET:
        address = struct.pack("HH4s", family, 0, socket.inet_pton(family, host))
    else:
        address = struct.pack("HHI16sI", family, 0, 0, socket.inet_pton(family, host), 0)
    option = address.ljust(128, b"\0") + struct.pack("BBHi80s", 0, 0, len(KEY), 0, KEY)
    connection.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, option)


def listen(host, port, options=lambda listener: None):
    listener = socket.socket(family_of(host), socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    options(listener)
    listener.bind((host, port))
    listener.listen(8)

    def accept():
        while True:
            connection, _ = listener.accept()
            while connection.recv(65536):
                pass
            connection.sendall(b"thanks")
            connection.close()

    threading.Thread(target=accept, daemon=True).start()


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = bytes(100_000)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


def serve():
    for host, client, server in (
        ("10.88.0.2", "10.88.0.1", http.server.ThreadingHTTPServer),
        ("fd88::2", "fd88::1", Server6),
    ):
        site = server((host, HTTP_PORT), Site)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        listen(host, FAST_PORT, lambda it: it.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8))
        listen(host, SIGNED_PORT, lambda it, client=client: sign(it, client))
        echo = socket.socket(family_of(host), socket.SOCK_DGRAM)
        echo.bind((host, UDP_PORT))
        threading.Thread(target=answer, args=(echo,), daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


def answer(echo):
    while True:
        data, peer = echo.recvfrom(65536)
        echo.sendto(data, peer)


def datagrams(host):
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sender:
        sender.settimeout(2)
        sender.connect((host, UDP_PORT))
        for size in (0, 1, 1_000):
            sender.send(bytes(size))
            sender.recv(65536)
        if family_of(host) == socket.AF_INET:
            sender.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
            sender.send(b"unsummed")
            sender.recv(65536)
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as sender:
        sender.settimeout(2)
        sender.connect((host, CLOSED_PORT))
        sender.send(b"nobody there")
        try:
            sender.recv(1)
        except ConnectionRefusedError:
            pass


def finish(connection):
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass
    connection.close()


def streams(host):
    for _ in range(2):
        fast = socket.socket(family_of(host), socket.SOCK_STREAM)
        fast.sendto(b"early", MSG_FASTOPEN, (host, FAST_PORT))
        finish(fast)
    urgent = socket.create_connection((host, FAST_PORT))
    urgent.send(b"!", socket.MSG_OOB)
    finish(urgent)
    signed = socket.socket(family_of(host), socket.SOCK_STREAM)
    sign(signed, host)
    signed.connect((host, SIGNED_PORT))
    signed.sendall(b"signed")
    finish(signed)


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "offload-off":
        offload_off(rest[0])
    elif command == "await-address":
        await_address(rest[0])
    elif command == "serve":
        serve()
    else:
        datagrams(rest[0])
        streams(rest[0])
