"""Settings of glibc's malloc for a process whose many threads allocate and free large buffers all the time."""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
"""Parameter numbers from glibc's <malloc.h>."""


def bound_malloc() -> bool:
    """Make malloc return large buffers to the system when they are freed, and use two arenas; False without glibc.

    librdkafka's threads decompress megabytes at a time: with glibc's defaults a worker takes a third more memory.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallopt") or not hasattr(libc, "gnu_get_libc_version"):
        return False
    return bool(libc.mallopt(M_MMAP_THRESHOLD, 256 * 1024) and libc.mallopt(M_ARENA_MAX, 2))
