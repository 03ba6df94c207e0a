"""Two programs that talk over TCP in ways that are worth a capture: a listener, and who calls it."""

import socket
import struct
import sys
import threading
import time

PORT = 9000


def open_socket(host):
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)


def listen(host, kind):
    listener = open_socket(host)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == "small":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind((host, PORT))
    listener.listen(8)
    print("listening", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection):
    try:
        command = connection.recv(16).decode().split() or [""]
        if command[0] == "sink":
            while connection.recv(65536):
                pass
            connection.sendall(b"done")
        elif command[0] == "slow":
            time.sleep(0.9)
            while connection.recv(16384):
                time.sleep(0.001)
        elif command[0] == "source":
            connection.sendall(b"s" * int(command[1]))
        elif command[0] == "echo":
            while text := connection.recv(1000):
                connection.sendall(text)
        elif command[0] == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    connection.close()


def call(host, port=0):
    connection = open_socket(host)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.bind(("::" if ":" in host else "0.0.0.0", port))
    connection.connect((host, PORT))
    return connection


def talk(host, what, count=0):
    connection = call(host, 45678 if what == "reset" else 0)
    command = {"keepalive": "echo"}.get(what, what)
    connection.sendall(f"{command} {count}".ljust(16).encode())
    if what == "sink":
        connection.sendall(b"t" * count)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(16)
    elif what == "slow":
        connection.sendall(b"t" * count)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    elif what == "source":
        while connection.recv(65536):
            pass
    elif what == "echo":
        for _ in range(count):
            connection.sendall(b"e" * 100)
            connection.recv(1000)
    elif what == "keepalive":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        time.sleep(2.4)
    elif what == "reset":
        try:
            connection.recv(16)
        except OSError:
            pass
        connection.close()
        # The same ports again.
        call(host, 45678).close()
    connection.close()
    time.sleep(0.3)


if sys.argv[1] == "listen":
    listen(sys.argv[2], sys.argv[3])
else:
    talk(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 0)
