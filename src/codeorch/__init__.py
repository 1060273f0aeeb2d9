"""codeorch: change many files of a repository from one sentence."""

__version__ = "0.1.0"
