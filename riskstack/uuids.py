"""UUIDs for the hot paths: the uuid module asks the system for each and takes five times as long.

They are names, not secrets: who has seen enough of them can tell the next.
"""

import random


def random_uuid() -> str:
    """Give a random UUID (version 4)."""
    digits = f"{random.getrandbits(120):030x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:]}"
