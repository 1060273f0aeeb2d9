"""Outlines: of code with fields and imports, of documents to their end, of folders."""


def test_a_file_is_outlined_with_imports_fields_and_lines(look):
    assert look()("outline", path="shop/cart.py") == (
        "shop/cart.py, 22 lines:\n1: from dataclasses import dataclass\n"
        "2: from decimal import Decimal\n3: import os\n"
        "6-17: class Cart\n  # What somebody buys.\n  10: tax: Decimal = Decimal(0)\n"
        "  13-14: def total(self, extra=0)\n    # Sums up.\n  16-17: def size(self)\n"
        "20-22: class Bag\n  21-22: def total(self)"
    )


def test_exports_are_shown_whole(look):
    assert "3-5: __all__ = [ 'Cart', ]" in look()("outline", path="shop/__init__.py")


def test_long_signatures_are_whole(look):
    parameters = "".join(f"    parameter_{n}: int = {n},\n" for n in range(20))
    answer = look({"a.py": f"def f(\n{parameters}) -> None: ...\n"})("outline", path="a.py")
    assert answer.endswith("parameter_19: int = 19) -> None: ...")


def test_headings_of_a_document_go_on_to_its_end(look):
    rst = "".join(f"Version {n}\n{'-' * 11}\n\nFixed\n~~~~~~~~~~~\n\ntext\n\n" for n in range(300))
    answer = look({"CHANGES.rst": f"Changes\n=======\n\n{rst}"})("outline", path="CHANGES.rst")
    assert "Version 0\n" in answer
    assert "Version 299" in answer
    assert "left out" in answer
    assert len(answer) < 8_000
    assert look()("outline", path="docs/use.rst") == "docs/use.rst, 9 lines:\n1: Use\n  6: More"


def test_markdown_headings_in_fences_are_none(look):
    text = "# A\n\n```\n# no heading\n```\n\n## B\n"
    answer = look({"README.md": text})("outline", path="README.md")
    assert answer == "README.md, 7 lines:\n1: A\n  7: B"


def test_settings_have_sections_and_keys(look):
    toml = "[project]\nname = 'x'\n\n[tool.ruff]\nline-length = 100\n"
    answer = look({"pyproject.toml": toml})("outline", path="pyproject.toml")
    assert "1: [project]" in answer
    assert "5: line-length = 100" in answer


def test_a_folder_lists_its_files_and_folders(look):
    assert look()("outline", path="shop/") == (
        "shop: 3 files\n__init__.py (5 lines)\nbill.py (8 lines): bill\n"
        "cart.py (22 lines): Cart, Bag"
    )
    root = look()("outline", path=".").split("\n")
    assert root[0] == "The root: 5 files"
    assert "tests/ (1 file)" in root


def test_large_files_and_folders_stay_within_the_room(look):
    code = "".join(f"class C{n}:\n    field_{n} = 1\n    def m(self): ...\n" for n in range(400))
    files = {"big.py": code, **{f"many/f{n}.py": "x = 1\n" for n in range(1_000)}}
    answer = look(files)("outline", path="big.py")
    assert len(answer) < 8_000
    assert "definitions left out below line" in answer
    folder = look(files)("outline", path="many")
    assert len(folder) < 8_000
    assert folder.endswith("more entries left out]")


def test_nothing_there_is_said(look):
    assert look()("outline", path="shop/nope.py") == "There is no file 'shop/nope.py'."
    assert look({"a.txt": "\n"})("outline", path="a.txt").endswith(
        "has no definitions or headings."
    )
