"""The kernel's side of queues.test.ts: `queues.py late HOST CONNECTIONS SECONDS` listens, and says one byte on
each connection after so many seconds of silence; `queues.py ask HOST CLIENTS` asks what one worker alone
serves, and what nobody does. Reports lines of JSON."""

import json
import socket
import sys
import time


def report(**fields):
    print(json.dumps(fields), flush=True)


def late(host, connections, seconds):
    listener = socket.create_server((host, 0))
    report(event="listening", port=listener.getsockname()[1])
    streams = [listener.accept()[0] for _ in range(connections)]
    time.sleep(seconds)
    for stream in streams:
        stream.sendall(b"x")
    sys.stdin.read()


def tcp_answer(host, port):
    try:
        with socket.create_connection((host, port), timeout=5) as stream:
            stream.sendall(b"question")
            return stream.recv(100).decode()
    except ConnectionRefusedError:
        return "ECONNREFUSED"


def udp_answer(host, port, size):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((host, port))
        try:
            client.send(b"q" * size)
            return len(client.recv(65536))
        except ConnectionRefusedError:
            return "ECONNREFUSED"


def ask(host, clients):
    report(
        tcp=[tcp_answer(host, 8) for _ in range(clients)],
        udp=[udp_answer(host, 9, 100) for _ in range(clients)],
        fragments=[udp_answer(host, 9, 5000) for _ in range(clients)],
        closedTcp=[tcp_answer(host, 10) for _ in range(clients)],
        # ICMP errors for one destination are limited to a burst of a few.
        closedUdp=[udp_answer(host, 10, 100) for _ in range(3)],
    )


role, host, *numbers = sys.argv[1:]
if role == "late":
    late(host, int(numbers[0]), float(numbers[1]))
else:
    ask(host, int(numbers[0]))
