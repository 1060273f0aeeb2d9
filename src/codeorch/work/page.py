"""A prompt in the making, under a budget."""

CHARS_A_TOKEN = 3.5  # of code in the common models' alphabets; a budget needs no better figure
_NAMED = 20


class Page:
    """Parts in the order of reading, taken in the order of importance while there is room.

    What does not fit is named at the end, so that nobody takes what is shown for everything.
    """

    def __init__(self, tokens: int, order: tuple[str, ...]) -> None:
        self.left = int(tokens * CHARS_A_TOKEN)
        self._parts: dict[str, list[str]] = {place: [] for place in order}
        self._omitted: dict[str, None] = {}

    def must(self, place: str, part: str) -> None:
        """Take a part whatever it costs."""
        self._parts[place].append(part)
        self.left -= len(part)

    def add(self, place: str, part: str, name: str) -> None:
        """Take a part if it fits; else remember its name."""
        if len(part) > self.left:
            self.omit(name)
        else:
            self.must(place, part)

    def omit(self, name: str) -> None:
        """Remember something that is not shown."""
        self._omitted[name] = None

    @property
    def text(self) -> str:
        """The page as it will be read."""
        parts = [part for parts in self._parts.values() for part in parts]
        names = list(self._omitted)
        if names:
            more = [f"and {len(names) - _NAMED} more"] if names[_NAMED:] else []
            listed = ", ".join([*names[:_NAMED], *more])
            parts.insert(0, f"Left out here for lack of room: {listed}.")
        return "\n\n".join(parts)
