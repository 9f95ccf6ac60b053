import { expect, test } from "vitest";
import { oneLine, problemsOf, withOptions } from "./snippets.ts";

const DURATION = 'or text with a unit such as "30ms" or "1.5s"';

/** What is written below a sound instance, from line 8 on; the problems, paths relative to the instance. */
const ROWS: readonly (readonly [title: string, options: string, ...problems: string[]])[] = [
  [
    "a number above its range",
    "priority: 300",
    "8:15 error priority: 300 is above 255; write a whole number from 1 to 255",
  ],
  [
    "a number below its range",
    "down_timer_adverts: 0",
    "8:25 error down_timer_adverts: 0 is below 1; write a whole number from 1 to 100",
  ],
  [
    "a fraction",
    "priority: 1.5",
    "8:15 error priority: 1.5 is no whole number; write a whole number from 1 to 255",
  ],
  [
    "a number that is none",
    "priority: .nan",
    "8:15 error priority: NaN is no whole number; write a whole number from 1 to 255",
  ],
  [
    "a number in quotes",
    'priority: "150"',
    '8:15 error priority: "150" is text; write a whole number from 1 to 255, without quotes',
  ],
  [
    "a word for a number",
    "priority: high",
    '8:15 error priority: "high" is text; write a whole number from 1 to 255',
  ],
  [
    "an option without a value",
    "priority:",
    "8:5 error priority: has no value; write a whole number from 1 to 255",
  ],
  [
    "a list for a number",
    "priority: [1]",
    "8:15 error priority: a list is not expected here; write a whole number from 1 to 255",
  ],
  ["no for false", "preempt: no", '8:14 error preempt: "no" is text; write false, without quotes'],
  ["on for true", "preempt: on", '8:14 error preempt: "on" is text; write true, without quotes'],
  ["a number for a truth value", "preempt: 1", "8:14 error preempt: 1 is a number; write true or false"],
  ["an unknown version", "version: 4", "8:14 error version: 4 is not among the values; write 2 or 3"],
  [
    "an unknown checksum",
    "checksum: { send: crc }",
    '8:23 error checksum.send: "crc" is not among the values; write one of rfc5798, rfc9568',
  ],
  [
    "text for a map",
    "checksum: rfc5798",
    '8:15 error checksum: "rfc5798" is text; write a map such as { send: rfc5798, accept: either }',
  ],
  [
    "a misspelt option",
    "advert_inc: 1",
    '8:5 error advert_inc: there is no option "advert_inc" here; did you mean advert_int?',
  ],
  [
    "a hyphen for an underscore",
    "garp-interval: 1",
    '8:5 error garp-interval: there is no option "garp-interval" here; did you mean garp_interval?',
  ],
  [
    "keepalived's nopreempt",
    "nopreempt: true",
    '8:5 error nopreempt: there is no option "nopreempt" here; write preempt: false',
  ],
  [
    "keepalived's v3_checksum_as_v2",
    "v3_checksum_as_v2: true",
    '8:5 error v3_checksum_as_v2: there is no option "v3_checksum_as_v2" here; write checksum: { send: rfc9568 }',
  ],
  [
    "a directive that cloudvip does not have",
    "virtual_routes: []",
    '8:5 error virtual_routes: there is no option "virtual_routes" here; remove it: cloudvip has no such option',
  ],
  [
    "an option of another map",
    "router_id: a",
    '8:5 error router_id: there is no option "router_id" here; move it to global_defs',
  ],
  [
    "an option that nothing resembles",
    "zzzzzzzz: 1",
    '8:5 error zzzzzzzz: there is no option "zzzzzzzz" here; remove it; conf/cloudvip.yaml describes every option',
  ],
  [
    "the key __proto__",
    "__proto__: 1",
    '8:5 error __proto__: there is no option "__proto__" here; remove it; conf/cloudvip.yaml describes every option',
  ],
  [
    "an interval of zero",
    "advert_int: 0",
    `8:17 error advert_int: 0 s is below 0.01 s; write seconds from 0.01 to 255, ${DURATION}`,
  ],
  [
    "a negative duration",
    "preempt_delay: -1",
    `8:20 error preempt_delay: -1 s is below 0 s; write seconds from 0 to 1000, ${DURATION}`,
  ],
  [
    "a duration beyond its range",
    "preempt_delay: 20m",
    `8:20 error preempt_delay: "20m" is above 1000 s; write seconds from 0 to 1000, ${DURATION}`,
  ],
  [
    "a duration with an unknown unit",
    "preempt_delay: 5 days",
    `8:20 error preempt_delay: "5 days" is no duration; write seconds from 0 to 1000, ${DURATION}`,
  ],
  [
    "a duration in quotes without a unit",
    'preempt_delay: "5"',
    '8:20 error preempt_delay: "5" is no duration: it has no unit; write 5 without quotes, or "5s"',
  ],
  [
    "an interval below a second in version 2",
    "advert_int: 100ms\nversion: 2",
    "8:17 error advert_int: 100 ms is no whole number of seconds, and VRRP version 2 carries nothing else; write 1 to 255, or version: 3 on every node",
  ],
  [
    "a fraction of seconds in version 2",
    "advert_int: 1.5\nversion: 2",
    "8:17 error advert_int: 1.5 s is no whole number of seconds, and VRRP version 2 carries nothing else; write 1 to 255, or version: 3 on every node",
  ],
  [
    "an interval that version 3 cannot carry",
    "advert_int: 60",
    "8:17 error advert_int: 60 s is above 40.95 s, the longest that VRRP version 3 carries; write seconds from 0.01 to 40.95",
  ],
  [
    "an interval between two steps of version 3",
    "advert_int: 0.033",
    '8:17 error advert_int: 33 ms is no multiple of 10 ms, and VRRP version 3 carries nothing finer; write "30ms"',
  ],
  [
    "authentication in version 3",
    'authentication: { auth_pass: "abc" }',
    "8:5 error authentication: VRRP version 3 has no authentication; remove it, or write version: 2 on every node",
  ],
  [
    "a password that is too long",
    'version: 2\nauthentication: { auth_pass: "123456789" }',
    "9:34 error authentication.auth_pass: the password has 9 bytes, and an advert carries 8; write 1 to 8 bytes, the same on every node",
  ],
  [
    "an empty password",
    'version: 2\nauthentication: { auth_pass: "" }',
    "9:34 error authentication.auth_pass: the password is empty; write 1 to 8 bytes, the same on every node",
  ],
  [
    "a password that YAML reads as a number",
    "version: 2\nauthentication: { auth_pass: 0042 }",
    "9:34 error authentication.auth_pass: the value is a number; write it in quotes",
  ],
  [
    "authentication without a password",
    "version: 2\nauthentication: { auth_type: PASS }",
    "9:5 error authentication: there is no password; write one of auth_pass, auth_pass_file and auth_pass_env",
  ],
  [
    "two passwords",
    'version: 2\nauthentication: { auth_pass: "a", auth_pass_env: A }',
    "9:5 error authentication: auth_pass and auth_pass_env exclude each other; write one of auth_pass, auth_pass_file and auth_pass_env",
  ],
  [
    "the IPsec authentication",
    'version: 2\nauthentication: { auth_type: AH, auth_pass: "a" }',
    "9:34 error authentication.auth_type: AH (IPsec authentication header) is not supported; write PASS",
  ],
  [
    "a relative path of a password file",
    "version: 2\nauthentication: { auth_pass_file: secret }",
    '9:39 error authentication.auth_pass_file: "secret" is no absolute path; write a path that begins with /',
  ],
  [
    "an owner that does not preempt",
    "priority: 255\npreempt: false\npreempt_delay: 5",
    "9:14 warning preempt: has no effect with priority 255: the owner of the addresses always takes over at once; remove it, or write a priority from 1 to 254",
    "10:20 warning preempt_delay: has no effect with priority 255: the owner of the addresses always takes over at once; remove it, or write a priority from 1 to 254",
  ],
  [
    "a delay of a preemption that is off",
    "preempt: false\npreempt_delay: 5",
    "9:20 warning preempt_delay: has no effect with preempt: false: a living MASTER is left in peace for ever; remove it, or write preempt: true",
  ],
  [
    "a learned interval below our own",
    "advert_int: 2\nmax_learned_interval: 1",
    "9:27 error max_learned_interval: 1 s is below advert_int, so a MASTER with the same settings would be taken for dead; write at least 2, or remove it",
  ],
  [
    "a learned interval in version 2",
    "version: 2\nmax_learned_interval: 1",
    "9:27 warning max_learned_interval: has no effect in version 2, which learns no interval; remove it",
  ],
  [
    "a checksum form in version 2",
    "version: 2\nchecksum: { send: rfc9568 }",
    "9:5 warning checksum: has no effect in version 2, which has one checksum only; remove it",
  ],
  [
    "several mistakes at once, and nothing that only follows from one of them",
    'version: 4\nadvert_int: 100ms\nauthentication: { auth_pass: "abc" }\npriority: 0\nnopreempt: true',
    "8:14 error version: 4 is not among the values; write 2 or 3",
    "11:15 error priority: 0 is below 1; write a whole number from 1 to 255",
    '12:5 error nopreempt: there is no option "nopreempt" here; write preempt: false',
  ],
];

test.each(ROWS)("%s", (_, options, ...problems) => {
  const found = problemsOf(withOptions(options)).map((problem) =>
    oneLine(problem).replace("vrrp_instance.VI_1.", ""),
  );
  expect(found).toEqual(problems);
});

test("a sound instance has no problems", () => {
  expect(problemsOf(withOptions(""))).toEqual([]);
});
