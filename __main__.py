"""`python -m rsbench`: the same as the `rsbench` command."""

from .harness.cli import main

if __name__ == "__main__":
    main()
