import * as z from "zod";
import { shownName } from "./name.ts";
import { flag } from "./option.ts";
import { groupHooksShape } from "./schema-hooks.ts";
import { trackListSchema } from "./schema-track.ts";

/** keepalived's `vrrp_sync_group`. */
export const syncGroupSchema = z
  .strictObject({
    group: z
      .array(
        shownName("the name of an instance", {
          description: "The name of an instance.",
          why: "It is in one group at most.",
          example: "VI_1",
        }),
      )
      .min(1)
      .meta({
        description:
          "The instances of the group. It becomes MASTER when all of them can, and one that fails takes the others with it.",
        why: "For addresses that must never be on two nodes, such as the inner and the outer one of a router.",
        expects: "a list of names of instances, such as [VI_1, VI_2]",
        ifEmpty: "there is no instance in the group",
        example: ["VI_1", "VI_2"],
      }),
    track: trackListSchema.meta({
      description:
        "The trackers that concern all instances of the group, by name, in the form of an instance's track.",
      why: "What is in this list and in an instance's counts as written here.",
      expects: "a list of names of trackers, such as [chk_nginx]",
    }),
    sync_group_tracking_weight: flag({
      description: "Weighted trackers of single instances count, too.",
      why: "As in keepalived they do not: different priorities within a group can keep both nodes from being MASTER of all.",
    }).default(false),
    ...groupHooksShape,
  })
  .meta({
    description: "Instances that are MASTER together, or not at all.",
    expects: "a map such as { group: [VI_1, VI_2] }",
  });
