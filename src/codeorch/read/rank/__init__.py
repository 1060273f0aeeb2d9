"""Request -> the files it is about, best first. No model, no training: a sum of scaled signals.

The signals and their order of worth come from a study of 1,127 real requests: text of the best
chunks, words of path and definitions, messages of past commits, paths that the request mentions,
names that it mentions and a file defines, then one step to files that are changed together with
the best ones or define what they use.
"""

from codeorch.read.rank.expanding import expand
from codeorch.read.rank.ranking import rank, rank_in
from codeorch.read.rank.tests import tests_of

__all__ = ["expand", "rank", "rank_in", "tests_of"]
