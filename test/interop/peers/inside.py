"""Keeps a peer inside of a test's namespace: on the machine's own network it refuses to run."""
import os
import sys


def require_namespace():
    if os.readlink("/proc/self/ns/net") == os.readlink("/proc/1/ns/net"):
        sys.exit("this peer runs only inside of a network namespace")
