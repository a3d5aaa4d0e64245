"""How long connect() takes to each of some addresses: `connect.py COUNT ADDRESS…` prints medians in µs, as JSON.

Every endpoint is a server of this process on port 8080, every Service is on port 80. The addresses take turns, and the
order of turns changes, so that whatever else the machine does meets all of them alike.
"""
import gc
import json
import os
import signal
import socket
import statistics
import struct
import sys
import time

RESET = struct.pack('ii', 1, 0)  # SO_LINGER: no TIME_WAIT, so that ports do not run out


def serve(listener):
    while True:
        listener.accept()[0].close()


def connect_ns(address):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.settimeout(None)
        start = time.perf_counter_ns()
        client.connect((address, 80))
        return time.perf_counter_ns() - start


def measure(count, addresses):
    times = {address: [] for address in addresses}
    gc.disable()
    for turn in range(-count // 10, count):
        for address in addresses if turn % 2 else reversed(addresses):
            took = connect_ns(address)
            if turn >= 0:  # before that it warms up
                times[address].append(took)
    return [statistics.median(times[address]) / 1000 for address in addresses]


def main():
    listener = socket.create_server(('', 8080), backlog=4096)
    server = os.fork()
    if server == 0:
        serve(listener)
    listener.close()
    try:
        print(json.dumps(measure(int(sys.argv[1]), sys.argv[2:])))
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)


main()
