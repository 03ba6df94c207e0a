"""
Socket calls on the kernel, by order. Each line of standard input is a JSON list of calls
[connection, call, value]; each is answered by a line with the list of their results: a number or a text, or errno's name.
"""
import errno
import json
import socket
import struct
import sys

from inside import require_namespace

STACK = "10.88.0.2"
PEER = "10.88.0.1"
listeners = {}
sockets = {}


def listen(number, _):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setblocking(False)
    s.bind((STACK, 20000 + number))
    s.listen(4)
    listeners[number] = s
    return 0


def connect(number, _):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setblocking(False)
    s.bind((STACK, 20000 + number))
    sockets[number] = s
    s.connect((PEER, 40000 + number))
    return 0


def accept(number, _):
    s, _ = listeners[number].accept()
    s.setblocking(False)
    sockets[number] = s
    return 0


def state(number, _):
    return sockets[number].getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[0]


def send(number, count):
    return sockets[number].send(bytes(count), socket.MSG_NOSIGNAL)


def recv(number, count):
    got = sockets[number].recv(count)
    return f"{len(got)} bytes, sum {sum(got)}"


def shutdown(number, how):
    sockets[number].shutdown(how)
    return 0


def close(number, _):
    sockets.pop(number).close()
    return 0


def abort(number, _):
    s = sockets.pop(number)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
    return 0


def so_error(number, _):
    code = sockets[number].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.errorcode[code] if code else 0


CALLS = {
    "listen": listen,
    "connect": connect,
    "accept": accept,
    "state": state,
    "send": send,
    "recv": recv,
    "shutdown": shutdown,
    "close": close,
    "abort": abort,
    "soError": so_error,
}


def perform(number, call, value):
    if call not in ("listen", "connect", "accept") and number not in sockets:
        return "EBADF"
    try:
        return CALLS[call](number, value)
    except OSError as error:
        return errno.errorcode[error.errno]


require_namespace()
for line in sys.stdin:
    print(json.dumps([perform(*call) for call in json.loads(line)]), flush=True)
