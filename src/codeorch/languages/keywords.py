"""Language -> its reserved words: no definition may be called so."""

import keyword
from collections.abc import Mapping
from typing import Final

from codeorch.analysis.ast_grep import words

_C: Final = words(
    """auto break case char const continue default do double else enum extern float for goto if
    inline int long register return short signed sizeof static struct switch typedef union
    unsigned void volatile while"""
)
_JAVASCRIPT: Final = words(
    """arguments await break case catch class const continue debugger default delete do else enum
    eval export extends false finally for function if import in instanceof let new null return
    static super switch this throw true try typeof undefined var void while with yield"""
)
_TYPESCRIPT: Final = _JAVASCRIPT | words("any boolean never number object string symbol unknown")
_JAVA: Final = words(
    """abstract assert boolean break byte case catch char class const continue default do double
    else enum extends false final finally float for goto if implements import instanceof int
    interface long native new null package private protected public return short static strictfp
    super switch synchronized this throw throws transient true try void volatile while"""
)

KEYWORDS: Final[Mapping[str, frozenset[str]]] = {
    "python": frozenset(keyword.kwlist),
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": words(
        """break case chan const continue default defer else fallthrough for func go goto if import
        interface map package range return select struct switch type var init main _"""
    ),
    "rust": words(
        """as async await break const continue crate dyn else enum extern false fn for if impl in
        let loop match mod move mut pub ref return self Self static struct super trait true type
        union unsafe use where while"""
    ),
    "java": _JAVA,
    "c": _C,
    "cpp": _C
    | words(
        """alignas and asm bool catch class concept constexpr decltype delete explicit export false
        friend mutable namespace new noexcept not nullptr operator or private protected public
        requires template this throw true try typeid typename using virtual xor"""
    ),
    "csharp": _JAVA
    | words(
        """as base bool checked decimal delegate event explicit extern fixed foreach implicit in
        internal is lock namespace object operator out override params readonly ref sbyte sealed
        sizeof stackalloc string struct typeof uint ulong unchecked unsafe ushort using virtual"""
    ),
    "ruby": words(
        """alias and begin BEGIN break case class def defined? do else elsif end END ensure false
        for if in module next nil not or redo rescue retry return self super then true undef unless
        until when while yield"""
    ),
    "php": words(
        """abstract and array as break callable case catch class clone const continue declare
        default do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile
        enum eval exit extends final finally fn for foreach function global goto if implements
        include instanceof insteadof interface isset list match namespace new or print private
        protected public readonly require return static switch throw trait try unset use var while
        xor yield"""
    ),
    "kotlin": words(
        """as break class continue do else false for fun if in interface is null object package
        return super this throw true try typealias typeof val var when while"""
    ),
    "scala": words(
        """abstract case catch class def do else enum export extends false final finally for given
        if implicit import lazy match new null object override package private protected return
        sealed super then this throw trait true try type val var while with yield"""
    ),
    "bash": words("case do done elif else esac fi for function if in select then until while"),
}
