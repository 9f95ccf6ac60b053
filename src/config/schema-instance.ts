import * as z from "zod";
import { hostAddress } from "./address.ts";
import { duration } from "./duration.ts";
import { interfaceName } from "./name.ts";
import { choice, flag, integer } from "./option.ts";
import { advertisedSchema, excludedSchema, peersSchema } from "./schema-addresses.ts";
import { authenticationSchema } from "./schema-authentication.ts";
import { garpShape } from "./schema-garp.ts";
import { hooksShape } from "./schema-hooks.ts";
import { providerSchema } from "./schema-provider.ts";
import { trackListSchema } from "./schema-track.ts";

/** RFC 9568 §5.2.4: the owner of the addresses. */
export const OWNER_PRIORITY = 255;
/** RFC 9568 §5.2.7: twelve bits of centiseconds. */
export const V3_INTERVAL_MAX_SECONDS = 40.95;

const membershipShape = {
  interface: interfaceName({
    description:
      "The interface that carries the adverts and, unless `dev` says otherwise, the virtual addresses.",
    why: "A node whose interface is down goes to FAULT and leaves the addresses to a peer.",
    example: "eth0",
  }),
  virtual_router_id: integer(
    { min: 1, max: 255 },
    {
      description:
        "The number of the group (VRID): the same on every node, unique among the groups on these addresses.",
      why: "Nodes that differ here do not hear each other, and each of them takes the addresses.",
      example: 51,
    },
  ),
  priority: integer(
    { min: 1, max: 255 },
    {
      description:
        "The highest priority becomes MASTER; between equal ones the higher source address wins. 255 is the owner of the addresses.",
      why: "Give each node its own, so that it is known beforehand who takes over.",
    },
  ).default(100),
  version: z
    .union([z.literal(2), z.literal(3)])
    .meta({
      description: "The VRRP version, the same on every node.",
      why: "3 allows adverts faster than one a second. A keepalived.conf that says nothing means 2.",
      expects: "2 or 3",
    })
    .default(3),
  advert_int: duration(
    { min: 0.01, max: 255 },
    {
      description:
        "Time between two adverts. Version 2: whole seconds up to 255. Version 3: 0.01 to 40.95 in steps of 0.01.",
      why: "A peer takes over after three missed adverts and a little: with one second that is less than four, with 30ms about 0.1 s.",
    },
  ).prefault(1),
};

const unicastShape = {
  unicast_src_ip: hostAddress({
    description: "The address of this node that adverts are sent from; the peers list it in unicast_peer.",
    why: "Write it when the interface has several addresses, or the peers refuse the adverts.",
    defaultText: "the first IPv4 address of the interface",
    example: "10.0.0.4",
  }).optional(),
  unicast_peer: peersSchema,
  unicast_ttl: integer(
    { min: 1, max: 255 },
    {
      description: "The TTL of the adverts that are sent.",
      why: "255 lets the peers see how many routers an advert passed.",
    },
  ).default(255),
  check_unicast_src: flag({
    description: "Refuse adverts whose source is not in unicast_peer.",
    why: "Anybody who can send protocol 112 to this node could end its mastership otherwise. keepalived's default is false.",
  }).default(true),
  track_src_ip: flag({
    description: "Go to FAULT while the source address is missing from the host.",
    why: "A node without it hears nothing and would take over. keepalived's default is false.",
  }).default(true),
  dont_track_primary: flag({
    description: "Ignore the state of `interface`.",
    why: "Only where the link state says nothing, as on some virtual interfaces.",
  }).default(false),
  checksum: z
    .strictObject({
      send: choice(["rfc5798", "rfc9568"], {
        description:
          "The checksum of version 3 adverts: rfc5798 covers the addresses of the packet too, rfc9568 does not.",
        why: "rfc5798 is what keepalived sends and demands; rfc9568 is keepalived's v3_checksum_as_v2.",
      }).default("rfc5798"),
      accept: choice(["either", "rfc5798", "rfc9568"], {
        description: "The checksum that is accepted.",
        why: "Both forms are safe to accept, and nodes can be changed one after the other.",
      }).default("either"),
    })
    .meta({
      description: "Which form of the version 3 checksum is sent and accepted.",
      why: "The two RFCs disagree, and routers of other makers follow either.",
      expects: "a map such as { send: rfc5798, accept: either }",
    })
    .prefault({}),
  authentication: authenticationSchema.optional(),
};

const addressShape = {
  virtual_ipaddress: advertisedSchema,
  virtual_ipaddress_excluded: excludedSchema,
  no_virtual_ipaddress: flag({
    description: "Run the election without any virtual address.",
    why: "Where only excluded addresses move, or none; written out, so that a forgotten list is noticed.",
  }).default(false),
};

const electionShape = {
  preempt: flag({
    description: "Take over from a living MASTER of lower priority. false is keepalived's `nopreempt`.",
    why: "false moves the addresses once per failure, true moves them back as well.",
  }).default(true),
  preempt_delay: duration(
    { min: 0, max: 1000 },
    {
      description: "How long a MASTER of lower priority is tolerated before this node takes over.",
      why: "Time for a freshly started server to become ready for its clients.",
    },
  ).prefault(0),
  down_timer_adverts: integer(
    { min: 1, max: 100 },
    {
      description: "Adverts that must be missed before a BACKUP takes over.",
      why: "3 in the RFCs; the same on every node.",
    },
  ).default(3),
  skew: choice(["auto", "rfc"], {
    description:
      "auto: with exactly one peer a BACKUP takes over without the wait that is meant to let the best of several go first.",
    why: "With one peer nobody else can win, so the wait only lengthens the gap; rfc waits all the same.",
  }).default("auto"),
  max_learned_interval: duration(
    { min: 0.01, max: V3_INTERVAL_MAX_SECONDS },
    {
      description: "Version 3: the longest advert_int that a BACKUP learns from a MASTER.",
      why: "One forged advert of 40 s would delay the next failover by two minutes.",
      defaultText: "the longer of 10 x advert_int and 10 s",
      example: 10,
    },
  ).optional(),
  startup_delay: duration(
    { min: 0, max: 3600 },
    {
      description: "Hold after the start during which this instance hears and sends nothing.",
      why: "See vrrp_startup_delay.",
      defaultText: "vrrp_startup_delay",
      example: 0,
    },
  ).optional(),
  lower_prio_no_advert: flag({
    description: "A MASTER stays silent when it hears a lower priority.",
    why: "An answer at once (RFC 9568) ends a double MASTER sooner; true is RFC 5798 to the letter.",
  }).default(false),
  higher_prio_send_advert: flag({
    description: "A MASTER that hears a higher priority sends one more advert before it yields.",
    why: "After a partition the winner may never have heard the other: only this advert makes it announce its addresses again, and look at the cloud. keepalived's own default is false.",
  }).default(true),
};

/** The options of one instance by name, in the order of the reference file. */
export const instanceShape = {
  ...membershipShape,
  ...unicastShape,
  ...addressShape,
  track: trackListSchema,
  provider: providerSchema.optional(),
  ...electionShape,
  ...garpShape,
  ...hooksShape,
};

/** One `vrrp_instance`. */
export const instanceSchema = z.strictObject(instanceShape).meta({
  description: "One virtual router: a group of nodes and the addresses they share.",
  expects: "a map of options",
});
