"""
One side of the differential check: the kernel's sockets and a TUN device, whose far end is the test. Reads rounds as lines
of JSON, each with packets to put on the wire and calls to make, waits until the kernel is quiet, and answers with the packets
that it sent, what the calls gave, and how each socket is then.

    {"packets": ["4500…"], "calls": [[7, "write", 100]], "watch": [7], "quiet": 0.025}
    {"packets": ["4500…"], "results": [100], "sockets": {"7": [1, 0, 100, 4]}}

A socket has a number that the test chooses. Results are numbers, or the name of an errno.
"""
import array
import errno
import fcntl
import json
import os
import select
import socket
import struct
import sys
import time

from inside import require_namespace

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
FIONREAD = 0x541B
SIOCOUTQ = 0x5411
LONGEST_ROUND = 2.0


def open_tun(name):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN_NO_PI))
    return tun


class Sockets:
    def __init__(self):
        self.listeners = {}
        self.open = {}

    def call(self, number, name, *arguments):
        try:
            return getattr(self, name)(number, *arguments)
        except OSError as error:
            return errno.errorcode[error.errno]
        except KeyError:
            return "EBADF"

    def new(self):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setblocking(False)
        return made

    def listen(self, number, address, port):
        listener = self.new()
        listener.bind((address, port))
        listener.listen(8)
        self.listeners[number] = listener
        return 0

    def connect(self, number, address, port, remote, remote_port):
        self.open[number] = made = self.new()
        made.bind((address, port))
        made.connect((remote, remote_port))
        return 0

    def accept(self, number):
        made, _ = self.listeners[number].accept()
        made.setblocking(False)
        self.open[number] = made
        return 0

    def write(self, number, count):
        return self.open[number].send(bytes(count), socket.MSG_NOSIGNAL)

    def read(self, number, count):
        return len(self.open[number].recv(count))

    def peek(self, number, count):
        return len(self.open[number].recv(count, socket.MSG_PEEK))

    def urgent(self, number):
        return len(self.open[number].recv(1, socket.MSG_OOB))

    def send_urgent(self, number, count):
        return self.open[number].send(bytes(count), socket.MSG_OOB | socket.MSG_NOSIGNAL)

    def shutdown(self, number, how):
        self.open[number].shutdown(how)
        return 0

    def close(self, number):
        self.open.pop(number).close()
        return 0

    def abort(self, number):
        self.open[number].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return self.close(number)

    def stop_listening(self, number):
        self.listeners.pop(number).close()
        return 0

    def error(self, number):
        value = self.open[number].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return errno.errorcode[value] if value else 0

    def no_delay(self, number, on):
        self.open[number].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, on)
        return 0

    def cork(self, number, on):
        self.open[number].setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)
        return 0

    def look(self, number):
        """State, bytes to read, bytes not acknowledged, and the poll mask."""
        watched = self.open.get(number)
        if watched is None:
            return None
        state = watched.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        poll = select.poll()
        poll.register(watched, select.POLLIN | select.POLLOUT | select.POLLPRI | 0x2000)
        mask = dict(poll.poll(0)).get(watched.fileno(), 0)
        return [state, queued(watched, FIONREAD), queued(watched, SIOCOUTQ), mask]


def queued(watched, request):
    value = array.array("i", [0])
    try:
        fcntl.ioctl(watched.fileno(), request, value)
    except OSError as error:
        return errno.errorcode[error.errno]
    return value[0]


def drain(tun, quiet):
    """What the kernel sends until it has sent nothing for `quiet` seconds."""
    packets = []
    end = time.monotonic() + LONGEST_ROUND
    while time.monotonic() < end and select.select([tun], [], [], quiet)[0]:
        while True:
            try:
                packets.append(os.read(tun, 65535).hex())
            except BlockingIOError:
                break
    return packets


def main():
    require_namespace()
    tun = open_tun(sys.argv[1])
    sockets = Sockets()
    print("ready", flush=True)
    for line in sys.stdin:
        round_ = json.loads(line)
        for packet in round_["packets"]:
            os.write(tun, bytes.fromhex(packet))
        results = [sockets.call(*call) for call in round_["calls"]]
        packets = drain(tun, round_["quiet"])
        looks = {number: sockets.look(number) for number in round_["watch"]}
        print(json.dumps({"packets": packets, "results": results, "sockets": looks}), flush=True)


main()
