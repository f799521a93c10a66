"""The bounds take effect: a large buffer is returned to the system when it is freed."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import ctypes
from pathlib import Path
from streams.kafka.malloc import bound_malloc
assert bound_malloc()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
libc.free(libc.malloc(30_000_000))  # glibc would raise its own threshold to this size
pages = lambda: int(Path("/proc/self/statm").read_text().split()[1])
before = pages()
buffers = [libc.malloc(20_000_000) for _ in range(5)]
for address in buffers:
    ctypes.memset(address, 1, 20_000_000)
full = pages()
for address in buffers[:-1]:
    libc.free(address)
print((full - before) * 4096 > 90_000_000, (pages() - before) * 4096 < 30_000_000)
"""


def test_large_buffers_are_returned_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
