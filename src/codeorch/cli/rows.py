"""Lines for a terminal, of what a repository holds."""

import re

import click

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def echo_row(row: str, *, err: bool = False) -> None:
    """Print one line; what a repository holds neither breaks it nor steers the terminal."""
    click.echo(_CONTROL.sub("?", row), err=err)
