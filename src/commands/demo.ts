import { OperatorError } from "../base/errors.ts";
import { type Millis, millis } from "../base/units.ts";
import { Director } from "./demo/director.ts";
import { emulatedCloudFile } from "./demo/emulated-cloud.ts";
import { liveView } from "./demo/live-view.ts";
import { NamespaceStage } from "./demo/namespace-stage.ts";
import { painter } from "./demo/paint.ts";
import { resultTable } from "./demo/result-table.ts";
import { Scene } from "./demo/scene.ts";
import { Screen } from "./demo/screen.ts";
import { SimulatedStage } from "./demo/simulated-stage.ts";
import type { Stage, StageOptions } from "./demo/stage.ts";
import {
  findSurroundings,
  type Playground,
  runInUserNamespace,
  type Surroundings,
} from "./demo/surroundings.ts";
import { closingWords, openingWords } from "./demo/wording.ts";
import { EXIT } from "./exit-codes.ts";
import type { Output } from "./output.ts";

export interface DemoOptions {
  /** Seconds between two adverts, as text. */
  readonly advertInt: string;
  /** Without packets, whatever the machine allows. */
  readonly simulated?: boolean;
  /** @default process.stdout */
  readonly out?: Output;
  /** Ends the demo before its time; Ctrl-C does without it. */
  readonly signal?: AbortSignal;
}

/** Frequent enough to see a gap of a few milliseconds, rare enough for a busy machine to keep up. */
const PING_INTERVAL: Millis = millis(5);
/** The simulated network's chance: everybody sees the same. */
const SEED = 20_260_101;

/**
 * Two agents, a client and an emulated cloud: loses the MASTER in silence, gets it back, has the address moved by hand, stops
 * the MASTER, and shows what the client noticed. On real packets where the machine allows it; in a simulated network, without a
 * cloud, elsewhere.
 *
 * @returns 0 when all of that was shown
 * @throws {OperatorError} `demo/bad-interval`, `demo/not-shown`, `demo/child-ended`, `demo/tool-failed`
 */
export async function demo(options: DemoOptions): Promise<number> {
  const advertInterval = parseInterval(options.advertInt);
  const where: Surroundings = options.simulated
    ? { kind: "none", why: ["--simulated asks for it"] }
    : await findSurroundings();
  if (where.kind === "elsewhere") return await runInUserNamespace();
  const { out = process.stdout, signal = endSignal() } = options;
  return await show(where, { advertInterval, signal, out });
}

/** Aborts when the demo is to end. Asked again it stays calm: cleaning up takes a second, and must not be cut short. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => controller.abort());
  return controller.signal;
}

interface Show {
  readonly advertInterval: Millis;
  readonly signal: AbortSignal;
  readonly out: Output;
}

async function show(where: Playground, { advertInterval, signal, out }: Show): Promise<number> {
  const paint = painter(out, process.env);
  const screen = new Screen(out);
  const hasCloud = where.kind === "namespaces" && emulatedCloudFile() !== undefined;
  screen.say(...openingWords(where, { advertInterval, pingInterval: PING_INTERVAL, hasCloud }));
  const scene = new Scene(PING_INTERVAL);
  const director = new Director({ scene, paint, say: (...lines) => screen.say(...lines) });
  const options: StageOptions = {
    advertInterval,
    pingInterval: PING_INTERVAL,
    onFact: director.told,
    signal,
  };
  const stage: Stage =
    where.kind === "namespaces"
      ? await NamespaceStage.open(options)
      : new SimulatedStage({ ...options, seed: SEED, watched: out.isTTY === true });
  try {
    screen.open(() => liveView(scene, { now: stage.now(), paint }));
    await director.direct(stage);
  } catch (error) {
    if (!signal.aborted) throw error;
    screen.say("", "Interrupted; removing what the demo made.");
    return EXIT.failed;
  } finally {
    screen.close();
    await stage.close();
    if (director.outcomes.length > 0) screen.say("", ...resultTable(director.outcomes, paint));
  }
  screen.say("", ...closingWords(advertInterval, { hasCloud }));
  return EXIT.ok;
}

/** VRRPv3 counts in centiseconds. */
function parseInterval(text: string): Millis {
  const value = Number(text);
  const centiseconds = Math.round(value * 100);
  if (text.trim() !== "" && Math.abs(value * 100 - centiseconds) < 1e-6 && centiseconds >= 1 && value <= 1) {
    return millis(centiseconds * 10);
  }
  throw new OperatorError({
    code: "demo/bad-interval",
    message: `--advert-int ${text} is not what the demo can show within a minute`,
    hint: "Give seconds from 0.01 to 1 in steps of 0.01, such as 0.03.",
  });
}
