"""The server of the benchmark `acquire`, in a process of its own: 200 files of 1 MB, kept-alive connections."""

import random

from tests.misbehaving import Misbehaving


def main() -> None:
    """Print the address and serve until terminated."""
    server = Misbehaving()
    for k in range(200):
        server.put(f"/{k}", random.Random(100 + k).randbytes(1_000_000), ranges=False)
    print(server.url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
