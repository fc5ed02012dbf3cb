"""Two network namespaces with a virtual Ethernet between them: two machines for those who have one.

Making them takes root, and Linux's ``ip``.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAMES = "mtn_a", "mtn_b"
ADDRESSES = "10.77.0.1", "10.77.0.2"


@contextlib.contextmanager
def joined() -> Iterator[list[list[str]]]:
    """Yield what to put before a command, for each of the two.

    In each the machine's own name leads to its address in the network between them, not to
    127.0.0.1: where JAX's processes listen is looked up by that name.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name in NAMES:
                ip("netns", "add", name)
            ends = NAMES[0], "type", "veth", "peer", "name", NAMES[1], "netns", NAMES[1]
            ip("link", "add", "netns", NAMES[0], "name", *ends)
            commands = []
            for name, address in zip(NAMES, ADDRESSES, strict=True):
                ip("-n", name, "address", "add", f"{address}/24", "dev", name)
                for device in (name, "lo"):
                    ip("-n", name, "link", "set", device, "up")
                hosts = Path(folder) / name
                hosts.write_text(f"127.0.0.1 localhost\n{address} {socket.gethostname()}\n")
                commands.append(["ip", "netns", "exec", name, "sh", "-c", within(hosts), "sh"])
            yield commands
        finally:
            for name in NAMES:
                subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def within(hosts: Path) -> str:
    """Return a shell's line that runs its arguments where this file is /etc/hosts."""
    return f'mount --bind {hosts} /etc/hosts && exec "$@"'


def ip(*arguments: str) -> None:
    """Run ``ip``."""
    subprocess.run(["ip", *arguments], check=True)
