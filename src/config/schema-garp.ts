import { duration } from "./duration.ts";
import { integer } from "./option.ts";

/** A day; longer pauses between announcements have no use. */
const PAUSE_MAX_SECONDS = 86_400;
/** More frames than this in one burst would only delay the others. */
const REPEAT_MAX = 1000;

/** Gratuitous ARP: how the neighbours learn where the virtual addresses are now. */
export const garpShape = {
  garp_master_delay: duration(
    { min: 0, max: PAUSE_MAX_SECONDS },
    {
      description:
        "Pause before the second burst of gratuitous ARP after becoming MASTER; 0 sends no second one.",
      why: "A switch that was still learning drops the first burst.",
    },
  ).prefault(5),
  garp_master_repeat: repeat({
    description: "Gratuitous ARPs per address in each of the two bursts.",
    why: "A single frame may be lost.",
  }).default(5),
  garp_master_refresh: duration(
    { min: 0, max: PAUSE_MAX_SECONDS },
    {
      description: "Announce again every so long while MASTER; 0 is never.",
      why: "For routers that forget or confuse their ARP table.",
    },
  ).prefault(0),
  garp_master_refresh_repeat: repeat({
    description: "Gratuitous ARPs per address in each refresh.",
    why: "The next refresh makes up for a lost one.",
  }).default(1),
  garp_lower_prio_delay: duration(
    { min: 0, max: PAUSE_MAX_SECONDS },
    {
      description:
        "Pause before the second burst after a MASTER heard a lower priority; 0 sends no second one.",
      why: "The other node may have announced the addresses too.",
      defaultText: "garp_master_delay",
      example: 5,
    },
  ).optional(),
  garp_lower_prio_repeat: repeat({
    description: "Gratuitous ARPs per address in the bursts after a lower priority was heard.",
    why: "As for garp_master_repeat.",
    defaultText: "garp_master_repeat",
    example: 5,
  }).optional(),
  garp_interval: duration(
    { min: 0, max: 60 },
    {
      description: "Pause between two gratuitous ARPs on one interface; 0 sends them back to back.",
      why: "For switches that limit the rate of ARP.",
    },
  ).prefault(0),
};

function repeat(text: Parameters<typeof integer>[1]) {
  return integer({ min: 1, max: REPEAT_MAX }, text);
}
