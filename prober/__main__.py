"""``python -m prober`` is the command line."""

from prober.cli import main

if __name__ == "__main__":
    main(prog_name="prober")
