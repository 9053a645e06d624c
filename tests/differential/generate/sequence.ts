import fc from "fast-check";
import { type Kind, OTHER_KINDS, WHOLE_KINDS } from "../kinds.ts";
import { isExcluded } from "../known_differences.ts";
import type { Step } from "../step.ts";
import { remove, removeCollection } from "./deletes.ts";
import { mistake } from "./mistakes.ts";
import { jsonPatch, mergePatch } from "./patches.ts";
import { get, list, watch } from "./reads.ts";
import { among, weighted } from "./weighted.ts";
import { apply, create, status, update } from "./writes.ts";

/** How many requests a sequence has. */
export const SEQUENCE_LENGTH = 20;

/** The chance of a request that shrinks to none: next to nothing, since shrinking tries it first wherever it may. */
const ALWAYS = 1 << 24;

/**
 * A sequence of requests. It is about one kind, mostly, so that requests meet objects that others made.
 */
export function sequence(): fc.Arbitrary<Step[]> {
  const kinds = weighted<Kind>([3, among(...WHOLE_KINDS)], [1, among(...OTHER_KINDS)]);
  return kinds.chain(sequenceOf);
}

/** Made once for each kind: to make them takes longer than to draw from them. */
const sequences = new Map<Kind, fc.Arbitrary<Step[]>>();

function sequenceOf(kind: Kind): fc.Arbitrary<Step[]> {
  const known = sequences.get(kind);
  if (known) return known;
  const step = optional(stepOf(kind));
  const made = fc
    .tuple(...Array.from({ length: SEQUENCE_LENGTH }, () => step))
    .map((steps) => steps.filter((one) => one !== undefined));
  sequences.set(kind, made);
  return made;
}

function stepOf(kind: Kind): fc.Arbitrary<Step> {
  return weighted<Step>(
    [20, create(kind)],
    [14, update(kind)],
    [10, mergePatch(kind)],
    [10, jsonPatch(kind)],
    [16, apply(kind)],
    // What of the metadata a status path takes differs from kind to kind, which the embedded server does not follow.
    [statusWeight(kind), status(kind)],
    [8, remove(kind)],
    [2, removeCollection(kind)],
    [10, get(kind)],
    [12, list(kind)],
    [6, watch(kind)],
    [4, mistake(kind)],
  ).filter((step) => !isExcluded(step));
}

function optional(step: fc.Arbitrary<Step>): fc.Arbitrary<Step | undefined> {
  return weighted<Step | undefined>([1, undefined], [ALWAYS, step]);
}

function statusWeight({ whole, hasStatus }: Kind): number {
  if (!whole) return 0;
  return hasStatus ? 8 : 1;
}
