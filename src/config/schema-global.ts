import * as z from "zod";
import { duration } from "./duration.ts";
import { filePath, shownName, socketPath } from "./name.ts";
import { flag } from "./option.ts";

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
    notify_fifo: filePath({
      description:
        'A named pipe that gets a line for every change of state, such as INSTANCE "VI_1" MASTER 150; it is made when it is missing.',
      why: "For a program of your own that follows the states: the lines never wait for it, so it has to keep up.",
      defaultText: "none",
      example: "/run/cloudvip/notify.fifo",
    }).optional(),
  })
  .meta({ description: "What holds for all instances.", expects: "a map of options" });
