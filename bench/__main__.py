"""`make bench`: every bench, one after the other."""

import sys

from bench import dossier, ledger, pages


def main() -> None:
    """Run all, or those named."""
    benches = {"ledger": ledger.main, "pages": pages.main, "dossier": dossier.main}
    for name in sys.argv[1:] or list(benches):
        print(f"\n== {name}")
        sys.argv = [f"bench.{name}"]
        benches[name]()


if __name__ == "__main__":
    main()
