"""What a language is to everything else: the values and callables that each one hands in.

A `Language` holds the facts of one language; a `Family` reads and renames the names of languages
whose files use each other's. `codeorch.languages` holds one value of each, and this package knows
none of them.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # facts are asked for by those who never read a name
    from codeorch.analysis.parse_cache import ParseCache
    from codeorch.analysis.renaming import Renamer
    from codeorch.analysis.signatures import Signature
    from codeorch.analysis.syntax_tree import SyntaxNode
    from codeorch.analysis.use_sites import Reader
    from codeorch.domain import Symbol


def _never(_node: "SyntaxNode") -> bool:
    return False


def _nothing(_node: "SyntaxNode") -> str:
    return ""


def _no_objection(_old: "SyntaxNode", _new: "SyntaxNode") -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """What a rewrite of code must know beyond what a grammar reads. Kinds are of its nodes."""

    # What code may stand between, as (before, behind): a piece of code is read in each of them.
    surroundings: tuple[tuple[str, str], ...] = (("", ""),)
    sequences: frozenset[str] = frozenset()  # kinds without brackets of their own: statements
    filled_blocks: frozenset[str] = frozenset()  # kinds that need a statement
    meaning_commas: frozenset[str] = frozenset()  # kinds in which a last comma means something
    spreads: frozenset[str] = frozenset()  # arguments that stand for any number of them
    named_arguments: frozenset[str] = frozenset()  # arguments whose place does not tell
    # What an argument list is called where its parentheses are those of the only argument.
    bare_arguments: Mapping[str, str] = field(default_factory=dict)
    suspensions: frozenset[str] = frozenset()  # kinds that wait for the function they stand in
    scopes: frozenset[str] = frozenset()  # kinds that have names of their own: functions
    targets: frozenset[str] = frozenset()  # kinds that assign to their first named part
    target_lists: frozenset[str] = frozenset()  # kinds that may hold several of these
    builtins: frozenset[str] = frozenset()  # names that every file knows
    imported: re.Pattern[str] | None = None  # other names that a file has to import or define
    refuses_unused_imports: bool = False
    tokens: frozenset[str] = frozenset()  # kinds in which code is words and signs, and no tree
    # Whether a node needs parentheses where it stands, although the grammar reads it without.
    must_wrap: Callable[["SyntaxNode"], bool] = _never
    # Why the language refuses a node that the grammar reads; empty where it does not.
    objection: Callable[["SyntaxNode"], str] = _nothing
    # Why a node (old place, new place) would mean something else there; empty where it does not.
    move_objection: Callable[["SyntaxNode", "SyntaxNode"], str] = _no_objection


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The facts of one language. Only its name has to be given; without a fact, less is done."""

    name: str
    family: str = ""  # whose reader and renamer serve it; empty = its names are not followed

    # Its grammars.
    grammar: str = ""  # the module of its tree-sitter grammar
    grammar_function: str = "language"  # what that module calls it
    queries: tuple[str, ...] = ()  # .scm files, when not the one of the language's own name
    refused: str = ""  # texts on which the grammar is known to crash the process, as a pattern
    outer_levels: int = 10  # of a tree: methods of nested types are there, and most leaves below
    ast_grep: str = ""  # what ast-grep calls its grammar; empty = it has none
    syntax: Syntax = Syntax()
    is_trusted: bool = False  # its grammar is good enough to send an answer back for an error

    # Its files.
    suffixes: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()  # whole names of files
    programs: tuple[str, ...] = ()  # in the `#!` line of a file without a suffix
    looks_like: re.Pattern[str] | None = None  # a text of it, where others have its suffix as well
    stubs: tuple[str, ...] = ()  # endings of files that only declare what others define
    package_files: frozenset[str] = frozenset()  # names of files that stand for their folder
    folder_is_module: bool = False  # whether imports name folders, and files never
    tests: re.Pattern[str] | None = None  # paths that a runner of tests collects
    test_support: re.Pattern[str] | None = None  # paths of what only tests use
    has_test_modules: bool = False  # whether a folder `test` may hold what users of it import
    test_family: str = ""  # languages of one may test each other; empty = only itself
    companions: tuple[str, ...] = ()  # suffixes of files that hold it among other things
    generated: re.Pattern[str] | None = None  # paths that a generator writes
    is_bundled: bool = False  # whether a build writes files of it, and these may be checked in

    # Its words.
    receivers: frozenset[str] = frozenset()  # what a method calls its object or its class
    base_receivers: frozenset[str] = frozenset()  # the same, for the class that it derives from
    keywords: frozenset[str] = frozenset()  # nothing may be called so
    initializer: str = ""  # a method that is called by the name of its class
    needs_receiver: bool = False  # whether a member is never used as a bare name
    imports_every_use: bool = False  # whether a name of another file is never used without import
    imports_by_path: bool = False  # whether imports name files, and may write their suffix
    sees_folder: bool = False  # whether files of a folder see each other without import
    names_parameters_first: bool = False  # whether a parameter begins with its name
    waiver: re.Pattern[str] | None = None  # a comment: what stands here is wrong, and meant to be
    doc_comment: re.Pattern[str] | None = None  # how a comment of documentation begins
    doc_link: re.Pattern[str] | None = None  # a link to code in one; its named groups are paths
    debugging: re.Pattern[str] | None = None  # what nobody leaves in but by mistake
    printing: re.Pattern[str] | None = None  # what writes to the terminal, for debugging or not
    focused_test: re.Pattern[str] | None = None  # a test that keeps others from being run
    waives_next_line: bool = False  # whether such a comment speaks of the line below as well


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFiles:
    """The files of a snapshot that matter to one family."""

    texts: Mapping[str, tuple[str, str]]  # path -> ast-grep's name of its grammar, and its text
    parses: "ParseCache"
    configs: Mapping[str, str] = field(default_factory=dict)  # path -> text of a configuration file
    paths: Collection[str] = ()  # of all files that were read, of whatever language
    unread: Collection[str] = ()  # paths of the files that were left out
    ignored: Collection[str] = ()  # paths of files that are made by tools, and may not be there

    def plain(self) -> Mapping[str, str]:
        """Return the text of each file, where the family has one grammar only."""
        return {path: text for path, (_, text) in self.texts.items()}


# Reads what the definition takes that a file holds: its path, and where its name starts, in
# characters; None when it cannot be called, or does not tell.
SignatureReader = Callable[[FamilyFiles, str, "Symbol", int], "Signature | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Who reads and renames the names of some languages, which mean the same in all of them.

    What reads and renames is loaded when it is asked for.
    """

    name: str
    reader: Callable[[FamilyFiles], "Reader"]
    renamer: Callable[[FamilyFiles], "Renamer"]
    signature: SignatureReader
    config_files: re.Pattern[str] | None = None  # paths of the configuration that it reads
    # Folders that absolute imports start from, in the order of search, with the names that imports
    # from each may begin with.
    import_roots: Callable[[Collection[str]], Mapping[str, Collection[str]]] = lambda _paths: {}
    # What imports begin with that is no folder's name -> where that is looked for, in order, by the
    # text of the configuration files; at most one `*` in each. None = imports are folders' names.
    import_aliases: Callable[[Mapping[str, str]], Mapping[str, Sequence[str]]] | None = None
    build_files: re.Pattern[str] | None = None  # paths of what a compiler needs besides the sources
    # A line that imports a name, the name, and the paths of the file, of the name's old home and of
    # its new one -> the line, or two, that imports it from there; None where no rule tells.
    moved_import: Callable[[str, str, str, str, str], str | None] = lambda *_: None
