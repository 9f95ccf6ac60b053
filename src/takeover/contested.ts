/**
 * The cloud shows the address elsewhere, and that is certain. Who keeps it?
 *
 *   nobody, or a stopped server     this node, which claims it again
 *   a peer that is heard            this node: the election decided so, or it would not be MASTER
 *   a peer that is not heard        the incumbent (`tenure.ts`); the newcomer goes on hold
 *   a stranger                      this node, a few times; then people have to see to it
 */
import { after, type Millis } from "../base/units.ts";
import type { TakeoverAction } from "./actions.ts";
import { spread } from "./backoff.ts";
import type { OtherHolder, Reading } from "./events.ts";
import { enterClaiming, enterOnHold, type TakeoverStep } from "./modes.ts";
import { CONTEST_WINDOW, CONTESTED_CLAIMS_MAX, untilNextLook } from "./settings.ts";
import type { Contest, Holding, Takeover } from "./state.ts";
import { isIncumbent } from "./tenure.ts";

export function settle(
  takeover: Takeover,
  mode: Holding,
  reading: Extract<Reading, { kind: "nobody" | "other" }>,
  now: Millis,
): TakeoverStep {
  if (reading.kind === "nobody" || reading.stopped) return repair(takeover, mode, undefined, now);
  const { holder, peer } = reading;
  const contests = mode.contests.filter(({ at }) => now - at < CONTEST_WINDOW);
  const lost = contests.filter((contest) => contest.holder === holder).length;
  const mayContest = lost < CONTESTED_CLAIMS_MAX;
  if (peer && !peer.heard && !(mayContest && isIncumbent(mode.tenure, takeover.settings, now))) {
    return enterOnHold(takeover, { holder, peer: peer.address }, now);
  }
  return mayContest
    ? repair(takeover, { ...mode, contests: [...contests, { holder, at: now }] }, holder, now)
    : holdStill(takeover, { ...mode, contests }, reading, now);
}

function repair(
  takeover: Takeover,
  known: { readonly contests: readonly Contest[]; readonly tenure: Holding["tenure"] },
  holder: string | undefined,
  now: Millis,
): TakeoverStep {
  const [next, actions] = enterClaiming(takeover, known, now);
  return [next, [{ kind: "cloud-repair", holder }, ...actions]];
}

/** Neither claims nor yields, until the oldest claim has left the window. */
function holdStill(takeover: Takeover, mode: Holding, { holder }: OtherHolder, now: Millis): TakeoverStep {
  const [wait, chance] = spread(untilNextLook(takeover.settings), takeover.chance);
  const next = { ...takeover, chance, mode: { ...mode, at: after(now, wait), failures: 0, doubted: false } };
  const note: TakeoverAction = { kind: "cloud-contested", holder };
  return [next, [note]];
}
