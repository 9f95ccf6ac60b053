import type { InstanceConfig } from "../../config/config.ts";
import { REFUSALS, type Refusal } from "../../vrrp/refusal.ts";
import { type Answer, answer, type Discovery, type DoctorContext, unseen } from "../check.ts";
import { type InstancePicture, type PeerPicture, type Picture, pictureOf } from "./picture.ts";
import type { AdvertStream } from "./wire-view.ts";

type Judge = (peer: PeerPicture, instance: InstancePicture) => Discovery | undefined;

/** Looks at each peer of each instance, on what one listening to the wire showed. */
export function judgePeers(
  context: DoctorContext,
  judge: Judge,
  note: (picture: Picture) => string,
): Promise<Answer> {
  return judgeInstances(
    context,
    (instance) => instance.peers.flatMap((peer) => judge(peer, instance) ?? []),
    note,
  );
}

/** As {@link judgePeers}, where nothing can be said of a peer that is not heard. `note` is for when all are, and all is well. */
export async function judgeHeardPeers(
  context: DoctorContext,
  judge: Judge,
  note: (picture: Picture) => string,
): Promise<Answer> {
  const judged = await judgePeers(context, judge, note);
  const picture = await pictureOf(context);
  if (judged.kind !== "fine" || typeof picture === "string") return judged;
  const mute = picture.instances.flatMap(({ instance, peers }) =>
    peers.filter(isMute).map(({ wire }) => `${wire.peer} (${instance.name})`),
  );
  return mute.length === 0 ? judged : unseen(`nothing is heard of ${someOf(mute)}`);
}

/** As {@link judgeHeardPeers}, where peers should say what this node has; `ours` names that. */
export function comparePeers(
  context: DoctorContext,
  judge: Judge,
  ours: (instance: InstanceConfig) => string,
): Promise<Answer> {
  return judgeHeardPeers(context, judge, ({ instances }) =>
    someOf([...new Set(instances.map(({ instance }) => ours(instance)))]),
  );
}

/** A hundred instances are told of in one line, too. */
const TOLD_MAX = 4;

export function someOf(all: readonly string[]): string {
  const more = all.length - TOLD_MAX;
  return more <= 0 ? all.join(", ") : `${all.slice(0, TOLD_MAX).join(", ")} and ${more} more`;
}

function isMute({ adverts, probe }: PeerPicture): boolean {
  return !adverts && !probe.answer?.router;
}

export async function judgeInstances(
  context: DoctorContext,
  judge: (instance: InstancePicture) => readonly Discovery[],
  note: (picture: Picture) => string,
): Promise<Answer> {
  const picture = await pictureOf(context);
  if (typeof picture === "string") return unseen(picture);
  return answer(picture.instances.flatMap(judge), note(picture));
}

/** What a peer says of the virtual router: in its adverts, or in its answer when it sends none. */
export interface Claim<T> {
  readonly value: T;
  readonly evidence: string;
}

/** A BACKUP sends no adverts, so its answer is all there is. Undefined when neither was heard. */
export function claimOf<T>(
  { adverts, probe }: PeerPicture,
  read: {
    readonly advert: (last: NonNullable<AdvertStream["last"]>) => T | undefined;
    readonly answer: (
      router: NonNullable<NonNullable<PeerPicture["probe"]["answer"]>["router"]>,
    ) => T | undefined;
  },
): Claim<T> | undefined {
  const advertised = adverts?.last && read.advert(adverts.last);
  if (advertised !== undefined)
    return { value: advertised, evidence: `${adverts?.count} advert${adverts?.count === 1 ? "" : "s"} came` };
  const router = probe.answer?.router;
  const answered = router && read.answer(router);
  return answered === undefined ? undefined : { value: answered, evidence: "its agent answers so" };
}

/** Such as "23 adverts in 2.0 s". */
export function countText({ count }: AdvertStream, listenedMs: number): string {
  return `${count} advert${count === 1 ? "" : "s"} in ${(listenedMs / 1000).toFixed(1)} s`;
}

/** A line for each reason why packets of a stream are no adverts. */
export function invalidText({ invalid }: AdvertStream): readonly string[] {
  return [...invalid].map(([reason, count]) => `${count} × ${reason}: ${REFUSALS[reason]}`);
}

/** What the agent here counts of it, where one runs: evidence that it is not of this moment only. */
export function refusedHere({ running }: InstancePicture, ...reasons: readonly Refusal[]): readonly string[] {
  return reasons.flatMap((reason) => {
    const count = running?.counters.refused[reason] ?? 0;
    return count === 0 ? [] : [`the agent here refused ${count} so far (${reason})`];
  });
}

/** How many peers there are, and of how many something was heard. */
export function peersNote({ instances }: Picture): string {
  const peers = instances.flatMap((instance) => instance.peers);
  const heard = peers.filter(({ adverts, probe }) => adverts || probe.answer).length;
  return `${heard} of ${peers.length} peer${peers.length === 1 ? "" : "s"} heard`;
}
