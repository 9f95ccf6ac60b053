import type { PhaseTimes } from "../../agent/phases.ts";
import { OperatorError } from "../../base/errors.ts";
import { type Millis, millis, toSeconds } from "../../base/units.ts";
import { BYSTANDER, type Fact, type NodeName } from "./facts.ts";
import type { Paint } from "./paint.ts";
import { type Gap, gapLength } from "./ping-record.ts";
import type { NodeScene, Scene } from "./scene.ts";
import type { Stage } from "./stage.ts";
import { headline, lineAbout, lineAboutFirstAnswer, lineAboutGap } from "./wording.ts";

/** What one act of the demo did to the service. */
export interface Outcome {
  readonly what: string;
  /** The longest time without answers; undefined when no ping was lost. */
  readonly gap: Gap | undefined;
  readonly lost: number;
  /** How long each part of the takeover took; undefined when nobody had to take over. */
  readonly phases: PhaseTimes | undefined;
}

/** What is done to node-a, the preferred MASTER, or to its address, and what the group has to make of it. */
interface Act {
  readonly what: string;
  readonly headline: string;
  readonly needs?: "cloud";
  readonly perform: (stage: Stage) => Promise<Millis>;
  readonly condition: NodeScene["condition"];
  readonly expected: Expectation;
}

type Expectation = "node-b takes over" | "node-b yields" | "node-a repairs";

const ACTS: readonly Act[] = [
  {
    what: "node-a vanishes",
    headline: "node-a vanishes from the network in silence: every link stays up",
    perform: (stage) => stage.cut("node-a"),
    condition: "cut off",
    expected: "node-b takes over",
  },
  {
    what: "node-a is back",
    headline: "node-a is back, and never knew that it was gone: two are MASTER for a moment",
    perform: (stage) => stage.heal("node-a"),
    condition: "running",
    expected: "node-b yields",
  },
  {
    what: "moved by hand",
    headline: "somebody moves the address to another server, in the cloud's console",
    needs: "cloud",
    perform: async (stage) => {
      stage.cloud?.give(BYSTANDER.name);
      return stage.now();
    },
    condition: "running",
    expected: "node-a repairs",
  },
  {
    what: "node-a stops",
    headline: "node-a is told to stop (SIGTERM), and serves on until node-b does",
    perform: (stage) => stage.stop("node-a"),
    condition: "stopped",
    expected: "node-b takes over",
  },
];

/** The calm around each act, for the eye, and for a gap that comes late. */
const CALM: Millis = millis(2_500);
/** Beyond what an act takes on a busy machine, where two agents that load a cloud's SDK need seconds. */
const PATIENCE: Millis = millis(15_000);

/** Plays the acts one after the other, and tells what happens in them. */
export class Director {
  readonly outcomes: Outcome[] = [];
  readonly #scene: Scene;
  readonly #say: (...lines: readonly string[]) => void;
  readonly #paint: Paint;
  /** The beginning of the act, which the times that people see count from. */
  #since: Millis = millis(0);

  constructor(parts: {
    readonly scene: Scene;
    readonly say: (...lines: readonly string[]) => void;
    readonly paint: Paint;
  }) {
    this.#scene = parts.scene;
    this.#say = parts.say;
    this.#paint = parts.paint;
  }

  /** Takes in what the stage tells. */
  readonly told = (fact: Fact): void => {
    const style = { since: this.#since, paint: this.#paint };
    if (fact.kind === "answered") {
      const isFirst = this.#scene.pings.answered === 0;
      const gap = this.#scene.pings.answer(fact.sequence, fact.at);
      if (isFirst) this.#say(lineAboutFirstAnswer(fact.at, style));
      if (gap) this.#say(lineAboutGap(gap, style));
      return;
    }
    this.#scene.learn(fact);
    const line = fact.kind === "reading" ? undefined : lineAbout(fact, style);
    if (line !== undefined) this.#say(line);
  };

  /**
   * @throws {OperatorError} `demo/not-shown` when something that should happen does not; `outcomes` has what was shown before
   */
  async direct(stage: Stage): Promise<void> {
    await this.#start(stage);
    const acts = ACTS.filter(({ needs }) => needs === undefined || stage.cloud);
    for (const [index, act] of acts.entries()) await this.#play(stage, act, index + 1);
  }

  /** One after the other, so that on a busy machine too it is the preferred one that serves first. */
  async #start(stage: Stage): Promise<void> {
    this.#say(
      "",
      stage.cloud ? "node-a starts and loads the cloud's SDK, then node-b" : "node-a starts, then node-b",
    );
    await until(stage, "the emulated cloud to listen", () => stage.cloud?.listens ?? true);
    this.#since = stage.now();
    await this.#run(stage, "node-a");
    await until(stage, "node-a to become MASTER", () => this.#scene.takeovers("node-a") > 0);
    await this.#run(stage, "node-b");
    await until(stage, "node-b to hear node-a", () => this.#scene.node("node-b").advertsHeard > 0);
    if (stage.cloud) {
      await until(stage, "node-b to be ready to claim", () => this.#scene.node("node-b").rehearsed);
    }
    await stage.startClient();
    await this.#settled(stage);
  }

  async #run(stage: Stage, node: NodeName): Promise<void> {
    await stage.start(node);
    this.#scene.change(node, { condition: "running" });
  }

  async #play(stage: Stage, act: Act, number: number): Promise<void> {
    const takeovers = this.#scene.takeovers("node-b");
    const repairs = this.#scene.repairs;
    const tookOver = () => this.#scene.takeovers("node-b") > takeovers;
    const isThrough: Record<Expectation, () => boolean> = {
      "node-b takes over": tookOver,
      "node-b yields": () => this.#scene.node("node-b").state === "BACKUP",
      "node-a repairs": () => this.#scene.repairs > repairs,
    };
    const begun = stage.now();
    this.#since = begun;
    this.#say("", headline(number, act.headline, this.#paint));
    this.#since = await act.perform(stage);
    this.#scene.change("node-a", { condition: act.condition });
    await until(stage, `this: ${act.expected}`, isThrough[act.expected]);
    await this.#settled(stage);
    this.#conclude(act.what, begun, tookOver());
  }

  /** The client is served, and some calm has passed. */
  async #settled(stage: Stage): Promise<void> {
    const { pings } = this.#scene;
    const from = stage.now();
    await until(stage, "an answer to the client's pings", () => (pings.lastAnswerAt ?? 0) > from);
    await stage.pass(CALM, () => false);
  }

  #conclude(what: string, begun: Millis, tookOver: boolean): void {
    const gaps = this.#scene.pings.gapsSince(begun);
    this.outcomes.push({
      what,
      gap: gaps.toSorted((a, b) => gapLength(b) - gapLength(a))[0],
      lost: gaps.reduce((sum, { lost }) => sum + lost, 0),
      phases: tookOver ? this.#scene.lastPhases("node-b") : undefined,
    });
  }
}

async function until(stage: Stage, what: string, condition: () => boolean): Promise<void> {
  if (await stage.pass(PATIENCE, condition)) return;
  throw new OperatorError({
    code: "demo/not-shown",
    message: `the demo waited ${toSeconds(PATIENCE)} s in vain for ${what}`,
    hint: "Run it again, and with --advert-int 1 where the machine is very busy; if it stays so, please report it with this output.",
  });
}
