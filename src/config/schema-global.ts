import * as z from "zod";
import { duration } from "./duration.ts";
import { filePath, shownName, socketPath } from "./name.ts";
import { flag, integer } from "./option.ts";

/** `global_defs`: what is said once for all instances. */
export const globalSchema = z
  .strictObject({
    router_id: shownName("a name of 1 to 64 visible characters", {
      description: "Names this node in logs, status and notifications.",
      why: "The host name is what people look for; write another one when hosts share theirs.",
      defaultText: "the host name",
      example: "node-a",
    }).optional(),
    vrrp_startup_delay: duration(
      { min: 0, max: 3600 },
      {
        description: "Hold after the start during which no instance hears or sends adverts.",
        why: "Raise it where the network of a booting server works only after a while: a node that is deaf at first takes over from a healthy MASTER.",
      },
    ).prefault(0),
    dynamic_interfaces: flag({
      description: "An interface that is missing at the start is awaited, not refused.",
      why: "For one that arrives later, such as a network interface that moves between servers; anywhere else it would hide a misspelling.",
    }).default(false),
    control_socket: socketPath({
      description: "The local socket that `cloudvip status` asks.",
      why: "A second agent on the same host needs a path of its own.",
    }).prefault("/run/cloudvip/cloudvip.sock"),
    flap_limit: integer(
      { min: 2, max: 1000 },
      {
        description: "More changes of state than this within flap_window are flapping.",
        why: "Flapping is told once, instead of every change: three failovers there and back within a minute are no maintenance.",
      },
    ).default(6),
    flap_window: duration(
      { min: 1, max: 3600 },
      {
        description: "The time that flap_limit is about; without a change for as long it has settled.",
        why: "Shorter than the pauses between failovers that somebody makes by hand.",
      },
    ).prefault(60),
    flap_hold: duration(
      { min: 0, max: 86_400 },
      {
        description:
          "So long after the last change a node whose own trackers or links made it flap does not preempt; 0: it always may.",
        why: "A server that is well for a moment every few seconds should not take the addresses each time. Where nobody else is MASTER it takes over all the same; `cloudvip maintenance off` ends the hold.",
      },
    ).prefault(0),
    notify_fifo: filePath({
      description:
        'A named pipe that gets a line for every change of state, such as INSTANCE "VI_1" MASTER 150; it is made when it is missing.',
      why: "For a program of your own that follows the states: the lines never wait for it, so it has to keep up.",
      defaultText: "none",
      example: "/run/cloudvip/notify.fifo",
    }).optional(),
  })
  .meta({ description: "What holds for all instances.", expects: "a map of options" });
