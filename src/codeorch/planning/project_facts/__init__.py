"""Project facts: what the files of a commit say of the project and of what it asks of a change.

facts      the value, and how it is put together
manifests  versions, dependencies; style: linters and formatters; customs: changelog, guides, tests
"""

from codeorch.planning.project_facts.customs import Changelog
from codeorch.planning.project_facts.facts import ProjectFacts, project_facts

__all__ = ["Changelog", "ProjectFacts", "project_facts"]
