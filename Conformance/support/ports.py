"""Ports for programs that are told their port before they start.

A port that is asked for and given back at once may be taken by somebody else before its program listens. So the port
lies below the range from which the kernel serves connections, and stays bound, without listening, while this process
lives: nobody else gets it, and a listener that sets SO_REUSEADDR (all of ours do) can share it.
"""

import random
import socket

_HELD = []


def free_port():
    while True:
        probe, port = socket.socket(), random.randrange(16_000, 32_000)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.close()
            continue
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _HELD.append(probe)
        return port
