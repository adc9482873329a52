"""`python -m include <step> …`: every step of the loop by hand."""

from include.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
