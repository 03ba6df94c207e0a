"""A UDP peer by the kernel whose datagrams travel joined: UDP_SEGMENT sends, UDP_GRO receives.

Waits for a first datagram, sends many of one size back to its sender in calls of many, and then reports what it
receives from there: how many datagrams, in how many pieces, and their hash. Each side answers the other's call
with a datagram, so that no buffer overflows.
"""
import argparse
import hashlib
import json
import socket
import struct

from inside import require_namespace

UDP_SEGMENT = 103
UDP_GRO = 104


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--per-call", type=int, required=True)
    parser.add_argument("--calls", type=int, required=True)
    options = parser.parse_args()
    require_namespace()
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    end = socket.socket(family, socket.SOCK_DGRAM)
    end.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
    end.bind((options.host, 0))
    print(json.dumps({"event": "listening", "port": end.getsockname()[1]}), flush=True)
    _, peer = end.recvfrom(65535)

    control = [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", options.size))]
    sent = hashlib.sha256()
    # The last datagram of each call is shorter.
    length = options.size * options.per_call - options.size // 2
    for call in range(options.calls):
        text = bytes((call + i) & 0xFF for i in range(length))
        sent.update(text)
        end.sendmsg([text], control, 0, peer)
        end.recvfrom(65535)
    print(json.dumps({"event": "sent", "sha256": sent.hexdigest()}), flush=True)

    received = hashlib.sha256()
    total = pieces = datagrams = 0
    while total < options.calls * length:
        text, ancillary, _, _ = end.recvmsg(65535, 100)
        size = next((struct.unpack("i", data)[0] for _, kind, data in ancillary if kind == UDP_GRO), len(text))
        received.update(text)
        total += len(text)
        pieces += 1
        datagrams += -(-len(text) // size)
        if total % length == 0:
            end.sendto(b"!", peer)
    print(
        json.dumps(
            {"event": "received", "sha256": received.hexdigest(), "pieces": pieces, "datagrams": datagrams}
        ),
        flush=True,
    )


main()
