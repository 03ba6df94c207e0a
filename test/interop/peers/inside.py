"""Keeps a peer inside of a named network namespace: on the machine's own network it refuses to run."""
import os
import sys

NAMED = "/var/run/netns"


def require_namespace():
    own = os.stat("/proc/self/ns/net")
    names = os.listdir(NAMED) if os.path.isdir(NAMED) else []
    if not any(is_same(own, os.path.join(NAMED, name)) for name in names):
        sys.exit("this peer runs only inside of a network namespace")


def is_same(own, path):
    try:
        return os.path.samestat(own, os.stat(path))
    except OSError:
        # Another test's namespace has gone in the meantime.
        return False
