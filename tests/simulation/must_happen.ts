import { ANSWER_NAMES } from "../../transports/faults.ts";
import type { Totals } from "./totals.ts";

const WRITES = [
  "put",
  "relabel",
  "status",
  "delete",
  "recreate",
  "hold",
  "letGo",
  "burst",
  "dropKind",
  "restoreKind",
];
const CALLS = [
  "add",
  "set",
  "remove",
  "query",
  "openBatch",
  "read",
  "endBatch",
  "trigger",
  "abort",
  "stop",
  "start",
];
const REJECTED = ["add", "set", "remove", "query", "openBatch", "read", "endBatch"];
const CAUSES = ["INITIAL", "ADDED", "MODIFIED", "DELETED", "BLOCKED", "REQUEUE", "RETRY", "TRIGGER"];
const SERVER_FAULTS = [
  "down",
  "dropConnections",
  "endWatches",
  "compact",
  "restart",
  "revoke",
  "restoreBackup",
];
const FAULTS = ["refused", "unanswered", "answerLost", "slow", "groupUnavailable", "bytewise", "replay"];
const STREAM_FAULTS = [
  "cut",
  "end",
  "silence",
  "bytewise",
  "garbage",
  "errorFrame",
  "withoutResourceVersion",
  "unknownType",
  "replay",
];
const CHECKS = [
  "one run at once",
  "workers are limited",
  "nothing comes of what was removed",
  "causes are honest",
  "causes follow one another",
  "versions go forward",
  "no stream too many",
  "no hot loop",
  "calls fail for a reason",
  "blocked for a reason",
  "comes to rest",
  "streams are what is needed",
  "the cache is what the server has",
  "queries are answered what the server has",
  "watchers were told everything",
  "watchers were reconciled after the last change",
  "watchers were told what was due",
  "a change wakes whom it concerns",
  "nothing is left",
];

/** What happens in every handful of seeds. */
const ALWAYS = ["write put", "reconcile succeeded", "requests", "transitions", "rests", "call add resolved"];

/** What happens in every few hundred seeds. */
const OFTEN = [
  ...WRITES.map((name) => `write ${name}`),
  ...CALLS.map((name) => `call ${name} resolved`),
  ...REJECTED.map((name) => `call ${name} rejected`),
  ...CAUSES.map((name) => `cause ${name}`),
  ...SERVER_FAULTS.map((name) => `fault ${name}`),
  ...FAULTS.map((name) => `fault ${name}`),
  ...ANSWER_NAMES.map((name) => `fault answer ${name}`),
  ...STREAM_FAULTS.map((name) => `fault ${name} of open streams`),
  ...CHECKS.map((name) => `check ${name}`),
  ...["failed", "requeued"].map((name) => `reconcile ${name}`),
  ...["live", "retrying", "blocked", "ended"].map((name) => `stream ${name}`),
  ...["blocked identifiers", "identifiers added again", "virtual seconds"],
];

/** So many seeds are enough for everything to happen. */
const ENOUGH_SEEDS = 1_000;

/** What has never happened and must have: a simulation without it shows nothing about it. */
export function missing(totals: Totals, seeds: number): string[] {
  const expected = seeds >= ENOUGH_SEEDS ? [...ALWAYS, ...OFTEN] : seeds >= 10 ? ALWAYS : [];
  return expected.filter((name) => totals.of(name) === 0);
}
