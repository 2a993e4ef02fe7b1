"""Which group goes to which split, so that each split is a small picture of the whole."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from stages.common.records import Record
from stages.params.split import Params
from stages.split.names import NAMES, Label, Labels, Name

ALL: Label = ("", "")  # the label that every group has
ROUNDS = 20  # of repair; most corpora need two


def labels_of(records: Sequence[Record], params: Params) -> dict[str, Labels]:
    """Each group's stratum labels, taken from its smallest original row: independent of the order of rows."""
    heads: dict[str, Record] = {}
    for row in sorted(records, key=lambda row: (row.derived, row.id)):
        heads.setdefault(row.group_id, row)
    return {group: tuple((name, getattr(row, name)) for name in params.stratify) for group, row in heads.items()}


class Strata:
    """How many groups of each label stand in each split, and how far that is from the shares."""

    def __init__(self, labels: Mapping[str, Labels], params: Params) -> None:
        self.labels = {group: (*own, ALL) for group, own in labels.items()}
        self.shares = {"train": 1 - params.validation - params.test, "validation": params.validation, "test": params.test}
        self.size = Counter(label for own in self.labels.values() for label in own)
        self.held: Counter[tuple[Label, Name]] = Counter()
        self.split: dict[str, Name] = {}

    def put(self, group: str, name: Name) -> None:
        if old := self.split.get(group):
            self.held.subtract((label, old) for label in self.labels[group])
        self.split[group] = name
        self.held.update((label, name) for label in self.labels[group])

    def lack(self, group: str, name: Name) -> tuple[bool, float]:
        """How badly `name` needs `group`: first whether one of its labels is absent there, then the share that is missing."""
        own = self.labels[group]
        absent = any(self.size[label] >= len(NAMES) and not self.held[label, name] for label in own[:-1])
        filled = sum(self.held[label, name] / (self.shares[name] * self.size[label]) for label in own)
        return absent, round(len(own) - filled, 9)

    def too_rare(self, group: str) -> bool:
        """Whether a label of the group is too rare for every split: what stands only in the exam is never learnt."""
        return any(self.size[label] < len(NAMES) for label in self.labels[group])

    def excess(self, label: Label, name: Name, change: int = 0) -> float:
        """How far the count is beyond what is allowed: two points of the share, or the next whole group; squared."""
        size, held = self.size[label], self.held[label, name] + change
        if size < len(NAMES):
            return 0.0
        allowed = max(0.02 * size, 0.999 if size >= 10 else 1.5)
        absent = 0.0 if held else 100.0
        return absent + max(0.0, abs(held - self.shares[name] * size) - allowed) ** 2

    def gain(self, leaving: str, coming: str | None, name: Name, other: Name) -> float:
        """What it saves to move `leaving` from `name` to `other`, and `coming` back in its place."""
        change = Counter(self.labels[leaving])
        change.subtract(self.labels[coming] if coming else ())
        return sum(
            self.excess(label, name) + self.excess(label, other) - self.excess(label, name, -by) - self.excess(label, other, by)
            for label, by in change.items()
            if by
        )


def assign(labels: Mapping[str, Labels], pinned: Mapping[str, Name], params: Params) -> dict[str, Name]:
    """Iterative stratification (after Sechidis et al. 2011) over groups: the rarest label first, each group to the split
    that lacks its labels most; then moves and swaps until each label of ten groups is within two points of its share, or
    none helps. A label of three groups or more stands in every split. Order and ties come from the seed.
    """
    strata = Strata(labels, params)
    for group in sorted(labels.keys() & pinned.keys()):
        strata.put(group, pinned[group])
    free = sorted(labels.keys() - pinned.keys(), key=lambda group: sha256(f"{params.seed}/{group}".encode()).digest())
    for group in sorted(free, key=lambda group: min((strata.size[label], label) for label in strata.labels[group])):
        strata.put(group, "train" if strata.too_rare(group) else max(NAMES, key=lambda name: strata.lack(group, name)))
    repair(strata, [group for group in free if not strata.too_rare(group)])
    return strata.split


def too_rare(labels: Mapping[str, Labels]) -> list[Label]:
    """The labels with fewer groups than there are splits: their groups go to train."""
    size = Counter(label for own in labels.values() for label in own)
    return sorted(label for label, groups in size.items() if groups < len(NAMES))


def balance(labels: Mapping[str, Labels], names: Mapping[str, Name], params: Params) -> dict[str, int]:
    """How many labels there are, how many are too rare, and how many of ten groups or more are off their share."""
    strata = Strata(labels, params)
    for group in labels:
        strata.put(group, names[group])
    off = [label for label, size in strata.size.items() if size >= 10 and any(strata.excess(label, name) for name in NAMES)]
    return {"labels": len(strata.size) - 1, "labels_too_rare": len(too_rare(labels)), "labels_off_share": len(off)}


def repair(strata: Strata, free: Sequence[str]) -> None:
    """Move and swap free groups while that brings a label nearer to its shares."""
    members: defaultdict[Label, list[str]] = defaultdict(list)
    for group in free:
        for label in strata.labels[group]:
            members[label].append(group)
    for _ in range(ROUNDS):
        off = sorted(label for label in strata.size if any(strata.excess(label, name) for name in NAMES))
        if not sum([improved(strata, label, members) for label in off]):
            return


def improved(strata: Strata, label: Label, members: Mapping[Label, Sequence[str]]) -> int:
    """How many moves or swaps out of a split that holds too much of `label`, or into one that holds too little, helped."""
    done = 0
    for leaving, coming, other in exchanges(strata, label, members):
        name = strata.split[leaving]
        if (
            name != other
            and (coming is None or strata.split[coming] == other)
            and strata.gain(leaving, coming, name, other) > 1e-9
        ):
            strata.put(leaving, other)
            if coming:
                strata.put(coming, name)
            done += 1
            if not any(strata.excess(label, each) for each in NAMES):
                return done
    return done


def exchanges(strata: Strata, label: Label, members: Mapping[Label, Sequence[str]]) -> Iterator[tuple[str, str | None, Name]]:
    """(group with `label`, group without it that takes its place, where the first goes): moves first, then swaps with
    groups that share another label, so that little else changes."""
    for leaving in members[label]:
        for other in NAMES:
            yield leaving, None, other
    for leaving in members[label]:
        rarest = min(strata.labels[leaving], key=lambda own: (own == label, strata.size[own]))
        for coming in members[rarest]:
            if label not in strata.labels[coming]:
                yield leaving, coming, strata.split[coming]
