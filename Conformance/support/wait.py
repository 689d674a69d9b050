"""Bounded waiting: asks until it is so, or fails at the deadline."""

import time


def until(question, seconds=30, pause=0.1, what="that did not come true"):
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what} within {seconds} s"
        time.sleep(pause)
