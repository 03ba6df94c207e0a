"""A UDP peer by the kernel: answers each datagram with itself."""
import argparse
import json
import socket

from inside import require_namespace


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    require_namespace()
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    echo = socket.socket(family, socket.SOCK_DGRAM)
    echo.bind((options.host, options.port))
    print(json.dumps({"event": "listening", "port": echo.getsockname()[1]}), flush=True)
    while True:
        datagram, sender = echo.recvfrom(65535)
        echo.sendto(datagram, sender)


main()
