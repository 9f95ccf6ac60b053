import { answer, type Check, type DoctorContext, fine, unseen } from "../check.ts";

/** A process that is late or a clock that jumps. */
export const TIMING_CHECKS: readonly Check[] = [
  {
    code: "host/scheduling-late",
    title: "timers fire in time",
    severity: "warning",
    why: "A MASTER that is not scheduled for longer than its peers wait is taken for dead: a steal by the hypervisor, a paging host, a CPU limit of a container. A running agent counts its own lateness, and that is what is judged; without one, doctor watches its own timers for a second, with the agent's priority where it may have it.",
    isQuiet: true,
    run: async (context) => {
      const { lateMs, what } = await latenessOf(context);
      const shortest = Math.min(...context.config.instances.map(({ router }) => router.advertInterval));
      if (lateMs < shortest / 2) return fine(what);
      return answer(
        [
          {
            message: `a timer fired ${Math.round(lateMs)} ms late, and adverts are ${shortest} ms apart`,
            evidence: [what],
            consequence: "adverts are late, and peers take over from a MASTER that lives",
            fix: {
              advice:
                "give the agent a real-time priority or more CPU, or choose an advert_int several times this lateness",
              commands: [],
            },
          },
        ],
        "",
      );
    },
  },
  {
    code: "host/clock-steps",
    title: "the clock does not jump",
    severity: "warning",
    why: "Elections run on a clock that does not jump, but cloud APIs refuse requests that are signed minutes off, and logs become hard to read. Something that sets the clock in steps fights with another time service.",
    isQuiet: true,
    run: async ({ host }) => {
      const { stepMs, watchedMs } = await host.watchClocks();
      if (Math.abs(stepMs) < STEP_MS) return fine(`no step within ${(watchedMs / 1000).toFixed(1)} s`);
      return answer(
        [
          {
            message: `the clock jumped by ${stepMs} ms while doctor watched`,
            evidence: [],
            consequence: "signed requests to a cloud may be refused",
            fix: {
              advice: "run one time service only, and let it slew: chrony with `makestep 1 3`",
              commands: [],
            },
          },
        ],
        "",
      );
    },
  },
  {
    code: "host/clock-unsynchronised",
    title: "the clock is synchronised",
    severity: "warning",
    why: "AWS refuses requests that are signed more than five minutes off, others fifteen. A clock that nobody sets gets there in time, and then no failover reaches the cloud.",
    run: async ({ config, host }) => {
      if (config.instances.every(({ provider }) => provider === undefined)) return { kind: "idle" };
      const ran = await host.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"]);
      if (!ran.ok) return unseen(`timedatectl does not tell: ${ran.failure.message.split("\n", 1)[0]}`);
      if (ran.output.trim() !== "no") return fine("timedatectl says so");
      return answer(
        [
          {
            message: "no time service keeps the clock",
            evidence: ["timedatectl: NTPSynchronized=no"],
            consequence: "when the clock is minutes off, the cloud refuses every call",
            fix: {
              advice: "install and start chrony or systemd-timesyncd",
              commands: [["timedatectl", "set-ntp", "true"]],
            },
          },
        ],
        "",
      );
    },
  },
];

/** From so many timers on, one in a thousand is more than chance. */
const SAMPLES_ENOUGH = 1_000;

async function latenessOf({ agent, host }: DoctorContext): Promise<{ lateMs: number; what: string }> {
  const lateness = agent?.status?.lateness;
  if (lateness && lateness.samples >= SAMPLES_ENOUGH) {
    const { p999Ms, samples } = lateness;
    const what = `the agent's timers: 999 of 1000 at most ${p999Ms.toFixed(1)} ms late, of ${samples}`;
    return { lateMs: p999Ms, what };
  }
  const { worstLatenessMs, watchedMs } = await host.watchClocks();
  const what = `doctor's timers: ${Math.round(worstLatenessMs)} ms late at most within ${(watchedMs / 1000).toFixed(1)} s`;
  return { lateMs: worstLatenessMs, what };
}

/** Slewing moves a clock by at most half a millisecond a second (adjtimex(2)); more is a step. */
const STEP_MS = 100;
