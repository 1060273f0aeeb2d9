"""Run codeorch with `python -m codeorch`."""

from codeorch.cli import run

if __name__ == "__main__":
    run()
