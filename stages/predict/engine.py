"""Greedy answers on a GPU: a fixed number of rows at work, each step replayed from a recording, no wait for the host.

A row that has ended is replaced at the next look (every LOOK steps); when no questions are left, the rows still at work
move together and a smaller recording takes over. Which rows share a batch depends on the questions alone, so that two
runs give the same answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel

from stages.predict.decoder import Decoder

LOOK = 8  # steps between looks at which rows have ended
SPANS = 64  # the cache is read in multiples of so many tokens
STRIDE = 128  # a recording is made for a multiple of so many rows


@dataclass(slots=True)
class State:
    """What a step reads and writes, one entry a row."""

    token: Tensor
    position: Tensor  # of `token`
    count: Tensor  # tokens generated
    limit: Tensor
    done: Tensor
    output: Tensor  # (rows, longest answer)
    seen: Tensor | None  # (rows, vocabulary), for the repetition penalty

    def parts(self) -> list[Tensor]:
        every = (self.token, self.position, self.count, self.limit, self.done, self.output, self.seen)
        return [part for part in every if part is not None]


@dataclass(slots=True)
class Engine:
    decoder: Decoder
    eos: int
    penalty: float
    state: State
    recordings: dict[tuple[int, int], "torch.cuda.CUDAGraph"] = field(default_factory=dict)

    @classmethod
    def of(
        cls, model: PreTrainedModel, *, slots: int, longest_prompt: int, longest_answer: int, eos: int, penalty: float,
        merge: bool = False,
    ) -> "Engine":  # fmt: skip
        span = -(-(longest_prompt + longest_answer + 1) // SPANS) * SPANS
        decoder = Decoder(model, slots, span, merge=merge)
        whole = {"dtype": torch.int64, "device": decoder.base.device}
        marks = {"dtype": torch.bool, "device": decoder.base.device}
        state = State(
            token=torch.zeros(slots, **whole),
            position=torch.zeros(slots, **whole),
            count=torch.zeros(slots, **whole),
            limit=torch.zeros(slots, **whole),
            done=torch.ones(slots, **marks),
            output=torch.zeros(slots, longest_answer, **whole),
            seen=torch.zeros(slots, decoder.config.vocab_size, **marks) if penalty != 1 else None,
        )
        return cls(decoder, eos, penalty, state)

    @torch.inference_mode()
    def answers(self, prompts: Sequence[Sequence[int]], limits: Sequence[int]) -> list[list[int]]:
        """The tokens of each answer, its end of sequence included where it came before the limit.

        Rows are written by unique indices: the order of the writes can't matter, and the slow ordered ones aren't needed.
        """
        before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
        torch.use_deterministic_algorithms(False)
        try:
            return self.scheduled(prompts, limits)
        finally:
            torch.use_deterministic_algorithms(before, warn_only=warned)

    def scheduled(self, prompts: Sequence[Sequence[int]], limits: Sequence[int]) -> list[list[int]]:
        waiting = sorted(range(len(prompts)), key=lambda row: (len(prompts[row]), row))
        slots = len(self.state.token)
        at_work: dict[int, int] = {}  # slot: prompt
        found: dict[int, list[int]] = {}
        while waiting or at_work:
            free = [slot for slot in range(slots) if slot not in at_work][: len(waiting)]
            if free:
                batch, waiting = waiting[: len(free)], waiting[len(free) :]
                self.begin([prompts[row] for row in batch], [limits[row] for row in batch], free)
                at_work.update(zip(free, batch, strict=True))
            rows = self.gathered(at_work) if not waiting else slots
            self.replay(rows)
            ended = self.state.done.tolist()
            over = [slot for slot in at_work if ended[slot]]
            if over:
                counts, outputs = self.state.count.tolist(), self.state.output[over].tolist()
                for slot, output in zip(over, outputs, strict=True):
                    found[at_work.pop(slot)] = output[: counts[slot]]
        return [found[row] for row in range(len(prompts))]

    def begin(self, prompts: Sequence[Sequence[int]], limits: Sequence[int], slots: Sequence[int]) -> None:
        state, device = self.state, self.decoder.base.device
        rows = torch.tensor(slots, device=device)
        state.position[rows] = torch.tensor([len(prompt) for prompt in prompts], device=device) - 1
        state.limit[rows] = torch.tensor(limits, device=device)
        state.count[rows] = 0
        state.done[rows] = False
        if state.seen is not None:
            state.seen[rows] = False
            for slot, prompt in zip(slots, prompts, strict=True):
                state.seen[slot, torch.tensor(prompt, device=device)] = True
        self.take(self.decoder.read(prompts, rows), rows)

    def take(self, logits: Tensor, rows: Tensor) -> None:
        """Add the likeliest token to each of `rows` that hasn't ended."""
        state = self.state
        if state.seen is not None:
            punished = torch.where(logits > 0, logits / self.penalty, logits * self.penalty)
            logits = torch.where(state.seen[rows], punished, logits)
        chosen, going = logits.argmax(-1), ~state.done[rows]
        place = state.count[rows].clamp(max=state.output.shape[1] - 1)
        state.output[rows, place] = torch.where(going, chosen, state.output[rows, place])
        state.token[rows] = torch.where(going, chosen, state.token[rows])
        if state.seen is not None:
            state.seen[rows, chosen] |= going
        state.count[rows] += going
        state.position[rows] += going
        state.done[rows] |= (chosen == self.eos) | (state.count[rows] >= state.limit[rows])

    def advance(self, rows: int, span: int) -> None:
        every = torch.arange(rows, device=self.decoder.base.device)
        self.take(self.decoder.step(self.state.token[:rows], self.state.position[:rows], span), every)

    def replay(self, rows: int) -> None:
        """LOOK steps of the first `rows` rows. Without a GPU nothing is recorded."""
        reached = int(self.state.position[:rows].max()) + LOOK + 1
        span = min(-(-reached // SPANS) * SPANS, self.decoder.keys.shape[3])
        if not self.state.token.is_cuda:
            for _ in range(LOOK):
                self.advance(rows, span)
            return
        recording = self.recordings.get((rows, span)) or self.record(rows, span)
        for _ in range(LOOK):
            recording.replay()

    def record(self, rows: int, span: int) -> "torch.cuda.CUDAGraph":
        """Recording runs nothing; what it needs to have run once before (handles, workspaces) has, while prompts were read."""
        kept = [(part, part.clone()) for part in self.state.parts()]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            self.advance(rows, span)
        torch.cuda.current_stream().wait_stream(side)
        for part, before in kept:
            part.copy_(before)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.advance(rows, span)
        self.recordings[rows, span] = graph
        return graph

    def gathered(self, at_work: dict[int, int]) -> int:
        """Move the rows at work to the front, so that a recording of fewer rows can take over; how many rows it has."""
        rows = min(len(self.state.token), -(-len(at_work) // STRIDE) * STRIDE)
        high = [slot for slot in sorted(at_work) if slot >= rows]
        low = [slot for slot in range(rows) if slot not in at_work][: len(high)]
        if high:
            source, target = (torch.tensor(part, device=self.decoder.base.device) for part in (high, low))
            for cache in (self.decoder.keys, self.decoder.values):
                cache[:, target] = cache[:, source]
            state = self.state
            for part in state.parts():
                part[target] = part[source]
            state.done[source] = True
            for old, new in zip(high, low, strict=True):
                at_work[new] = at_work.pop(old)
        return rows
