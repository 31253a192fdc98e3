"""All tracks of a propagation together: outwards from the outermost keyframes, and from both sides between them."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from ...core.mask import CompactMask, Mask, compact
from ...core.propagation_step import Seed, Step
from ...core.settings.propagation import PropagationSettings
from ...core.settings.propagation_run import LIMITS_OF_SCAN, Limits
from ...core.system.stepwise import made_at_once
from ...errors import StateError
from .corrections import in_order_of_help, most_helpful
from .dips import without_belief_in_dips
from .drift import without_belief_in_drift
from .earlier_way import EarlierWay, Start
from .estimate import beliefs_of, estimated
from .evidence import evidence_of
from .holes import without_belief_in_filled_holes
from .meeting import agreement, believed_share, blended
from .offset import is_off, moved_back
from .own_slice import OwnSlice, without_belief_where_unknown
from .step_cache import StepCache
from .track import End, PendingStep, Track, TrackedSlice, score_of_likeness
from .way_back import WayBack

# a choice: known steps cost nothing, and whoever waits between two calls is not held up
_MOST_KNOWN_STEPS_AT_ONCE = 16
# a step back is one on a slice that was embedded before
_SHARE_OF_WAY_BACK = 0.2
_STOPPED = "it was stopped there"
_KEPT = "from the prompted slice before it no way leads here: this is what was found without that"
_NO_LONGER_BELIEVED = "what was found beyond it cannot be believed"


@dataclass(frozen=True, eq=False)
class PropagatedObject:
    """An object through some slices along one axis.

    Attributes
    ----------
    slices : tuple of TrackedSlice
        By index; keyframes have the score 1.
    ends : tuple of End
        Where it ended, before the first and behind the last keyframe; none where no track led outwards.
    doubtful : tuple of TrackedSlice
        Slices to look at, in an order in which corrections help, see `in_order_of_help`.
    proposed : TrackedSlice, optional
        The one slice whose correction helps most, doubtful or not, see `most_helpful`; None where all are prompted.
    """

    slices: tuple[TrackedSlice, ...]
    ends: tuple[End, ...]
    doubtful: tuple[TrackedSlice, ...]
    proposed: TrackedSlice | None = None

    def span_on(self, axis: str) -> str:
        """Its slices in words, as in ``k = 4 to 12``."""
        return f"{axis} = {self.slices[0].index} to {self.slices[-1].index}"

    def as_stopped(self) -> PropagatedObject:
        """The same, which tells of its outermost slices, unless it ended there, that somebody stopped it."""
        outermost = dict.fromkeys(each.index for each in (*self.slices[:1], *self.slices[-1:]))
        told = {each.index for each in self.ends}
        stopped = [End(index, _STOPPED) for index in outermost if index not in told]
        return replace(self, ends=tuple(sorted((*self.ends, *stopped), key=lambda each: each.index)))


@dataclass(frozen=True, eq=False)
class StepTask:
    """A step to be taken, and what is known of its object."""

    pending: PendingStep
    seed: Seed
    track: Track | OwnSlice | EarlierWay | WayBack

    @property
    def is_on_the_way_back(self) -> bool:
        """Whether it tells only how far what is known can be believed."""
        return isinstance(self.track, WayBack)

    @property
    def index_behind(self) -> int:
        """The slice that comes next on this track."""
        return self.pending.index + (1 if self.pending.index >= self.track.index else -1)


@dataclass(frozen=True, eq=False)
class _Gap:
    """Two neighbouring keyframes, and the tracks from each towards the other."""

    left: int
    right: int
    rising: Track
    falling: Track

    @property
    def is_done(self) -> bool:
        return self.rising.pending is None and self.falling.pending is None


@dataclass(frozen=True, eq=False)
class _Arrival:
    """What was found on the way to a keyframe, by index, and the IoU of what comes there with the mask that it has.

    `beliefs` are how probably each of the slices is right, as far as the way out tells; `came` and `known` are what
    comes to the keyframe and the mask that it has.
    """

    slices: dict[int, TrackedSlice]
    fit: float
    beliefs: dict[int, float]
    came: Mask | None = None
    known: Mask | None = None

    def at(self, index: int, share: float) -> TrackedSlice | None:
        """A slice that lies so far on the way, 0 to 1, without what the way is off by at its end."""
        found = self.slices.get(index)
        if found is None or self.came is None or self.known is None or not is_off(self.fit):
            return found
        return found.with_mask(moved_back(found.mask, self.came, self.known, share))


class PropagationTracks:
    """Names the steps to take until the object is known; who takes them, and when, is up to the caller.

    Parameters
    ----------
    keyframes : mapping of int to Mask
        Masks that are right, by the index of their slice.
    seeds : mapping of int to Seed
        What each of them tells; where that does not include how the model rates it, the model is asked first.
    first, last : int
        The slices to look at, both included.
    rules : PropagationSettings
    cache : StepCache, optional
        Steps that were taken before; they are not taken again.
    limits : Limits
        What `first` and `last` are, in words.

    Raises
    ------
    StateError
        If there is no mask, or one lies outside the slices.
    """

    def __init__(
        self,
        keyframes: Mapping[int, Mask],
        seeds: Mapping[int, Seed],
        first: int,
        last: int,
        rules: PropagationSettings,
        cache: StepCache | None = None,
        limits: Limits = LIMITS_OF_SCAN,
    ) -> None:
        check_keyframes(keyframes, first, last)
        indices = sorted(keyframes)
        self._keyframes, self._rules = dict(keyframes), rules
        self._own = {index: OwnSlice(index, mask, seeds[index]) for index, mask in keyframes.items()}
        self._cache = cache if cache is not None else StepCache()
        self._tracks: dict[Track, tuple[int, int]] = {}
        self._before = self._track(indices[0], first, -1, limits.first)
        self._after = self._track(indices[-1], last, 1, limits.last)
        self._ways: tuple[WayBack, ...] | None = None
        self._earlier: dict[Track, EarlierWay] | None = None
        self._gaps = [
            _Gap(left, right, self._track(left, right, 1), self._track(right, left, -1))
            for left, right in zip(indices, indices[1:], strict=False)
        ]
        rising, falling = [each.rising for each in self._gaps], [each.falling for each in self._gaps]
        self._arriving_where = {
            **dict(zip([*rising[1:], self._after], rising, strict=False)),
            **dict(zip([self._before, *falling], falling, strict=False)),
        }
        self._in_order = (*rising, *reversed(falling), self._before, self._after)

    @property
    def is_finished(self) -> bool:
        """Whether all tracks have ended, and what is asked when they have."""
        return self.is_followed and all(way.pending is None for way in self._ways_behind())

    @property
    def is_followed(self) -> bool:
        """Whether all tracks have ended; how far they can be believed may not be known yet."""
        return all(track.pending is None for track in self._tracks)

    def tasks(self) -> tuple[StepTask, ...]:
        """Steps that can be taken now, at most one of each track.

        What is known from before is gone through at once, a number of steps at a call, so that no caller waits
        long: until `is_finished`, call again, also where there was nothing to take.
        """
        if self.is_followed:
            return self._tasks_behind()
        open_now = []
        waiting: dict[int, StepTask] = {}
        for track in self._in_order:
            if track.pending is None:
                continue
            start, _ = self._tracks[track]
            own = self._own[start]
            while own.pending is not None and (known := self._known(own.pending, own.seed)) is not None:
                own.take(known)
            if own.pending is not None:
                waiting[start] = StepTask(own.pending, own.seed, own)
            elif not self._waits(track):
                seed = self._seed_of(track)
                if self._goes_into_the_unknown(track, seed) and track.pending is not None:
                    open_now.append(StepTask(track.pending, seed, track))
        return (*waiting.values(), *open_now)

    def _waits(self, track: Track) -> bool:
        """Whether it is not known yet what comes to the keyframe that it begins with."""
        arriving = self._arriving_where.get(track)
        return arriving is not None and arriving.pending is not None

    def _seed_of(self, track: Track) -> Seed:
        """How a track's object is asked for: as its keyframe tells, or, where what came there was confirmed, as before.

        So a slice that somebody only confirms changes nothing of what lies beyond it, and what is known of the object
        is not forgotten where the mask of a corrected slice says nothing of it.
        """
        start, _ = self._tracks[track]
        seed, arriving = self._own[start].seed, self._arriving_where.get(track)
        if arriving is None:
            return seed
        before, arrived = self._seed_of(arriving), arriving.slices[-1:]
        is_confirmed = any(
            each.index == start and agreement(each.mask, self._keyframes[start]) == 1 for each in arrived
        )
        return before if is_confirmed else seed.completed_by(before)

    def _tasks_behind(self) -> tuple[StepTask, ...]:
        unknown = [way for way in self._ways_behind() if self._goes_into_the_unknown(way, way.seed)]
        return tuple(StepTask(way.pending, way.seed, way) for way in unknown if way.pending is not None)

    def _ways_behind(self) -> tuple[EarlierWay | WayBack, ...]:
        """What is asked when all tracks have ended: whether too early, and how far they can be believed."""
        return (*self._earlier_ways().values(), *self._ways_back())

    def _earlier_ways(self) -> dict[Track, EarlierWay]:
        """Of tracks outwards that end nearer to their keyframe than the next one is, what was there before that.

        A mask that was corrected on a slice where the model would rather have another one may end the object at once.
        """
        if self._earlier is None:
            rising, falling = [each.rising for each in reversed(self._gaps)], [each.falling for each in self._gaps]
            sides = {self._before: falling, self._after: rising}
            ways = {track: self._earlier_way(track, inner) for track, inner in sides.items() if inner}
            self._earlier = {track: way for track, way in ways.items() if way is not None}
        return self._earlier

    def _earlier_way(self, track: Track, inner: Sequence[Track]) -> EarlierWay | None:
        goal, last = self._tracks[track]
        starts = [self._tracks[each][0] for each in inner]
        if track.end is None or track.end.index == last or abs(track.end.index - goal) >= abs(goal - starts[0]):
            return None
        asked = [Start(at, self._keyframes[at], self._seed_of(each)) for at, each in zip(starts, inner, strict=True)]
        return EarlierWay(goal, self._keyframes[goal], asked, last, self._rules)

    def _ways_back(self) -> tuple[WayBack, ...]:
        """Of the tracks that lead outwards; between two keyframes each is held against the other."""
        if self._ways is None:
            self._ways = tuple(self._way_back(each) for each in (self._before, self._after) if self._rules.way_back)
        return self._ways

    def _way_back(self, track: Track) -> WayBack:
        start, _ = self._tracks[track]
        own, slices = self._own[start], track.slices
        seen = [each for each in slices if not each.is_filled]
        seed = replace(self._seed_of(track), multimask=own.needs_candidates)
        if own.is_found_again or not seen:
            return WayBack(start, self._keyframes[start], slices, seed)
        # on a damaged slice that a person prompted all the same nothing arrives: the one beside it is the goal
        return WayBack(seen[0].index, seen[0].mask, [each for each in slices if each not in seen[:1]], seed)

    def take(self, task: StepTask, step: Step) -> None:
        """Use what a task gave; one that was answered already is ignored."""
        if task.track.pending is task.pending:
            self._cache.put(task.pending, task.seed, self._rules.reach_px, step)
            task.track.take(step)

    @property
    def masks(self) -> dict[int, Mask]:
        """What is known so far, by slice, not yet put together where two tracks meet."""
        found = {each.index: each.mask for track in self._tracks for each in track.slices}
        return {**found, **self._keyframes}

    @property
    def share(self) -> float:
        """How far it is, 0 to 1, if the object went on to the last slice everywhere."""
        missing = sum(abs(goal - track.index) for track, (_, goal) in self._tracks.items() if track.pending is not None)
        total = sum(abs(goal - start) for start, goal in self._tracks.values())
        followed = 1 - missing / max(1, total)
        if not self._rules.way_back:
            return followed
        back = min((way.share for way in self._ways_back()), default=1.0) if self.is_followed else 0.0
        return (1 - _SHARE_OF_WAY_BACK) * followed + _SHARE_OF_WAY_BACK * back

    def result(self) -> PropagatedObject:
        """The object, or as much of it as is known."""
        return made_at_once(self.make_result())

    def make_result(self) -> Generator[None, None, PropagatedObject]:
        """The object, made slice by slice for whoever has other things to do in between."""
        slices = [TrackedSlice(index, mask, 1.0) for index, mask in self._keyframes.items()]
        slices += self._outward()
        for gap in self._gaps:
            one, other = self._arriving(gap.rising), self._arriving(gap.falling)
            for index in range(gap.left + 1, gap.right):
                slices += self._met(index, gap, one, other)
                yield
        slices.sort(key=lambda each: each.index)
        found = [each for each in slices if each.index not in self._keyframes]
        shown = [each for each in slices if each.index in self._keyframes]
        slices = sorted([*shown, *without_belief_where_unknown(found, self._own.values())], key=lambda each: each.index)
        right = {*self._keyframes, *(index for way in self._ways or () for index in way.confirmed)}
        judged = without_belief_in_drift(without_belief_in_dips(slices, right))
        whole = without_belief_in_filled_holes(self._estimated(judged), self._keyframes)
        slices = [self._explained(each) for each in whole]
        doubtful = [each for each in slices if each.score < self._rules.doubtful_below]
        ends = tuple(each for each in map(self._end_of, (self._before, self._after)) if each is not None)
        proposed = most_helpful(slices, self._keyframes, doubtful)
        return PropagatedObject(tuple(slices), ends, tuple(in_order_of_help(doubtful, proposed)), proposed)

    def _outward(self) -> list[TrackedSlice]:
        """Slices before the first and behind the last keyframe."""
        both = self._before.slices, self._after.slices
        kept = [*self._kept(self._before), *self._kept(self._after)]
        if not self._ways:
            return [*both[0], *both[1], *kept]
        return [*kept, *(each for slices, way in zip(both, self._ways, strict=False) for each in way.judged(slices))]

    def _kept(self, track: Track) -> list[TrackedSlice]:
        """What was known beyond the end of a track before its keyframe was there, as far as it can be believed."""
        way = (self._earlier or {}).get(track)
        if way is None or way.track is None or way.start is None or way.pending is not None or track.end is None:
            return []
        beliefs, limit = self._beliefs_on(way.track, way.start.mask, way.start.seed), score_of_likeness(way.fit)
        found = way.beyond(track.end.index)
        believed = takewhile(lambda each: beliefs[each.index] >= self._rules.doubtful_below, found)
        return [each.limited(min(limit, beliefs[each.index]), _KEPT) for each in believed]

    def _end_of(self, track: Track) -> End | None:
        """Where the object ends on a side: with its track, or with what is kept beyond it."""
        kept, way = self._kept(track), (self._earlier or {}).get(track)
        if not kept or way is None or way.track is None or way.track.end is None:
            return track.end
        return way.track.end if kept[-1].index == way.track.end.index else End(kept[-1].index, _NO_LONGER_BELIEVED)

    def _estimated(self, by_rules: Sequence[TrackedSlice]) -> list[TrackedSlice]:
        """The same, with the estimate in place of the rules' score where the way back is gone."""
        if not self._ways or not self.is_finished:
            return list(by_rules)
        slices = {each.index: each for each in by_rules}
        for track, way in zip((self._before, self._after), self._ways, strict=True):
            in_order = [slices[each.index] for each in track.slices]
            start = self._tracks[track][0]
            prompted, follows = self._keyframes[start], self._own[start].seed.mask_prompt
            evidence = evidence_of(in_order, prompted, way, self._found_again)
            slices |= {each.index: each for each in estimated(in_order, evidence, self._rules.doubtful_below, follows)}
        return list(slices.values())

    def _explained(self, tracked: TrackedSlice) -> TrackedSlice:
        """The same, with a remark wherever it is doubtful."""
        is_doubtful = tracked.score < self._rules.doubtful_below
        return replace(tracked, remark=tracked.weakness) if is_doubtful and not tracked.remark else tracked

    def _track(self, start: int, goal: int, towards: int, at_last: str = "") -> Track:
        indices = range(start + towards, goal + towards, towards)
        track = Track(self._keyframes[start], start, indices, self._rules, at_last)
        self._tracks[track] = start, goal
        return track

    def _goes_into_the_unknown(self, track: Track | EarlierWay | WayBack, seed: Seed) -> bool:
        for _ in range(_MOST_KNOWN_STEPS_AT_ONCE):
            seed = seed if isinstance(track, Track) else track.seed
            step = self._known(track.pending, seed) if track.pending is not None else None
            if step is None:
                return True
            track.take(step)
        return False

    def _known(self, pending: PendingStep, seed: Seed) -> Step | None:
        return self._cache.get(pending, seed, self._rules.reach_px)

    def _arriving(self, track: Track) -> _Arrival:
        """Slices on the way from one keyframe to another, believed as far as the goal's own mask is met."""
        found = {each.index: each for each in track.slices}
        if track.pending is not None:
            return _Arrival(found, 1.0, {})
        start, goal = self._tracks[track]
        beliefs = self._beliefs_on(track, self._keyframes[start], self._own[start].seed)
        arrived = found.pop(goal, None)
        fit = agreement(arrived.mask, self._keyframes[goal]) if arrived is not None else 0.0
        why = f"the way on from here agrees with the mask it comes to by {fit:.0%} only"
        limited = {index: each.limited(fit, why) for index, each in found.items()}
        return _Arrival(limited, fit, beliefs, arrived.mask if arrived is not None else None, self._keyframes[goal])

    def _beliefs_on(self, track: Track, prompted: Mask, seed: Seed) -> dict[int, float]:
        """How probably the slices of a way are right, by index; no way back is gone for it."""
        evidence = evidence_of(track.slices, prompted, WayBack(track.index, prompted, (), seed), self._found_again)
        beliefs = beliefs_of(evidence, seed.mask_prompt)
        return {each.index: float(belief) for each, belief in zip(track.slices, beliefs, strict=True)}

    @property
    def _found_again(self) -> float:
        return max(each.found_again for each in self._own.values())

    def _met(self, index: int, gap: _Gap, rising: _Arrival, falling: _Arrival) -> list[TrackedSlice]:
        """A slice between two keyframes; where both ways do not agree it is doubtful.

        The nearer side counts more, the one that comes to the other's mask, and the one that is rather right here: a
        way that leaves the object would spoil the slices of one that does not.
        """
        share = (index - gap.left) / (gap.right - gap.left)
        one, other = rising.at(index, share), falling.at(index, 1 - share)
        if one is not None and other is not None:
            beliefs = rising.beliefs.get(index, 1.0), falling.beliefs.get(index, 1.0)
            mask = blended(one.mask, other.mask, believed_share(share, (rising.fit, falling.fit), beliefs))
            mask = compact(mask) if isinstance(one.mask, CompactMask) else mask
            believed, fit = max(one, other, key=lambda each: each.score), agreement(one.mask, other.mask)
            met = TrackedSlice(
                index,
                mask,
                believed.score,
                one.remark or other.remark,
                weakness=believed.weakness,
                likeness=min(one.likeness, other.likeness),
            )
            return [met.limited(fit, f"what comes from both sides agrees by {fit:.0%} only")]
        if one is not None or other is not None or not gap.is_done:
            return [each for each in (one, other) if each is not None]
        left, right = self._keyframes[gap.left], self._keyframes[gap.right]
        filled, fit = blended(left, right, share), score_of_likeness(agreement(left, right))
        return [TrackedSlice(index, filled, fit, "filled in: neither side came here", is_filled=True)]


def check_keyframes(keyframes: Mapping[int, Mask], first: int, last: int) -> None:
    """Raise `StateError` unless there are masks, all on slices from `first` to `last`."""
    indices = sorted(keyframes)
    if not indices or not first <= indices[0] <= indices[-1] <= last:
        raise StateError(f"Expected masks on slices from {first} to {last}, got them on {indices or 'none'}.")
