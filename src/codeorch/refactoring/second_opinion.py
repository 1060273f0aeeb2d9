"""A rename as own analysis has it -> the same, as an engine agrees with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from codeorch.analysis.ast_grep import span
from codeorch.analysis.proposals import Evidence, RenameResult
from codeorch.analysis.renaming import Rename, Renamer
from codeorch.analysis.scopes import Definer, Names, Role
from codeorch.domain import Snapshot
from codeorch.engines import Answer, Arbiter, Engines, Opinion, Question, Spot, ask, source_tree
from codeorch.languages import family_of

_ASKED_FIRST = (Evidence.GUESS, Evidence.UNKNOWN, Evidence.TYPE)


def second_opinion(
    renamed: RenameResult,
    rule: Rename,
    definers: tuple[Renamer, Sequence[Definer]],
    snapshot: Snapshot,
    engines: Engines,
) -> RenameResult:
    """Ask the engines of the language about a rename, and carry out the rule of agreement.

    Raises:
        UserError: an engine and own analysis disagree on what a scope or an import proves.

    `definers` are the definitions that share the name, and who renames them.
    """
    renamer, group = definers
    family = family_of(snapshot.bare(group[0].path).language)
    if not engines.serve(family) or rule.kind == "module":
        return renamed  # what a module's name means is said by paths
    names = [each for each in renamer.names_of(rule.name) if each.path in snapshot.files]
    roles = dict(_roles(names))
    question = Question(
        old=rule.name,
        new=rule.new,
        family=list(dict.fromkeys(_spot(each) for each in group)),
        ours={
            Spot(each.place.path, each.place.start)
            for each in renamed.proposals
            if each.evidence in (Evidence.SCOPE, Evidence.IMPORT, Evidence.CLASS)
        },
        spots=_spots(renamed, roles),
    )
    opinion = _hear(snapshot, family, question, engines)
    paths = {each.path for each in names} | {spot.path for spot in opinion.edits}
    texts = {path: snapshot.bare(path).text for path in paths}
    arbiter = Arbiter(
        old=rule.name, new=rule.new, texts=texts, opinion=opinion,
        occurrences=roles.keys(), roles=_seen(names, roles),
        knows_members=rule.kind not in ("function", "class"),
    )  # fmt: skip
    judged = arbiter.judge(renamed)
    return replace(judged, notes=(*judged.notes, *_notes(opinion)))


def _hear(snapshot: Snapshot, family: str, question: Question, engines: Engines) -> Opinion:
    """Ask the first engine, and the others where it is silent."""
    opinion = Opinion()
    with source_tree(snapshot, family) as tree:
        for engine in engines.of(family):
            silent = [
                spot
                for spot in question.spots
                if spot not in opinion.votes or opinion.votes[spot].answer is Answer.NONE
            ]
            if silent:
                heard = ask(tree, engine, replace(question, spots=silent), engines)
                opinion = opinion.joined_with(heard)
    return opinion


def _roles(names: Sequence[Names]) -> Iterator[tuple[Spot, Role]]:
    for each in names:
        for one in each.occurrences:
            yield Spot(each.path, one.place[0]), one.role


def _seen(names: Sequence[Names], roles: Mapping[Spot, Role]) -> Mapping[Spot, Role]:
    """Return the roles without those uses that own analysis finds nothing for."""
    unbound = {
        Spot(each.path, one.place[0])
        for each in names
        for one in each.occurrences
        if one.role == "use" and each.owner(one) is None
    }
    return {spot: role for spot, role in roles.items() if spot not in unbound}


def _spots(renamed: RenameResult, roles: Mapping[Spot, Role]) -> Sequence[Spot]:
    """Return where to ask: what is least sure first, then the other proposals, then the rest."""
    order = sorted(
        (each for each in renamed.proposals if each.evidence is not Evidence.TEXT),
        key=lambda each: each.evidence not in _ASKED_FIRST,
    )
    proposed = [Spot(each.place.path, each.place.start) for each in order]
    return list(dict.fromkeys([*proposed, *roles]))


def _spot(definer: Definer) -> Spot:
    return Spot(definer.path, span(definer.node)[0])


def _notes(opinion: Opinion) -> Iterator[str]:
    answers = [vote.answer for vote in opinion.votes.values()]
    if answers:
        counts = [
            f"{answers.count(each)} {word}"
            for each, word in (
                (Answer.OURS, "are meant"),
                (Answer.OTHER, "are others"),
                (Answer.LIBRARY, "are a library's"),
                (Answer.MIXED, "may be either"),
                (Answer.NONE, "it cannot tell"),
            )
            if each in answers
        ]
        yield f"{opinion.engine}, asked about {len(answers)} places: {', '.join(counts)}"
    if opinion.failure:
        yield f"{opinion.failure}, and was not asked about {opinion.unasked} places"
    elif opinion.unasked:
        yield f"{opinion.unasked} places were not asked about: the time of the engine was over"
