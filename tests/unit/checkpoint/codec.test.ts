import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { decodeBody, encodeBody } from "../../../lib/checkpoint/checkpoint_body.ts";
import { open, seal } from "../../../lib/checkpoint/envelope.ts";
import { type ObjectVersion, packVersions, unpackVersions } from "../../../lib/checkpoint/object_versions.ts";
import { canonicalize } from "../../../lib/kubernetes/identifier.ts";
import type { RunSnapshot } from "../../../lib/watchers/checkpoint_contract.ts";
import { anyCharacter } from "../../fixtures/any_character.ts";
import { caught } from "../../fixtures/caught.ts";

const UUID = "0f7a1c9e-5b1d-4c55-8a8e-3d9b1f0e7c42";

describe("packVersions", () => {
  const versions: readonly (readonly [what: string, version: ObjectVersion])[] = [
    ["an object", ["ns/web", UUID, "41"]],
    ["one at cluster scope", ["/web", UUID, "41"]],
    ["a uid that is no UUID", ["ns/web", "u-1", "41"]],
    ["a UUID in capitals", ["ns/web", UUID.toUpperCase(), "41"]],
    ["no uid", ["ns/web", "", "41"]],
    ["a uid that looks packed", ["ns/web", "AAAAAAAAAAAAAAAAAAAAAA", "41"]],
    ["a version above that of the list", ["ns/web", UUID, "4100"]],
    ["a version beyond exact numbers", ["ns/web", UUID, "18446744073709551615"]],
    ["a version that is no number", ["ns/web", UUID, "a7"]],
    ["a version with a zero before it", ["ns/web", UUID, "041"]],
    ["a version that is negative", ["ns/web", UUID, "-1"]],
    ["a version that is 0", ["ns/web", UUID, "0"]],
    ["a name of odd letters", ['ns/system:a,b "ü𝒳"', UUID, "41"]],
  ];
  for (const [what, version] of versions) {
    for (const resourceVersion of ["50", "", "a9", "18446744073709551615"]) {
      it(`gives back ${what} of a list at "${resourceVersion}"`, () => {
        const base = { key: "ns/web", resourceVersion };
        const packed = JSON.parse(JSON.stringify(packVersions([version], base)));
        expect(unpackVersions(packed, base)).toEqual([version]);
      });
    }
  }

  it("gives back any versions, by the order of their keys", () => {
    const texts = fc.string({ unit: anyCharacter, maxLength: 12 });
    const key = fc.tuple(fc.constantFrom("", "ns", "ns-2"), texts).map(([ns, name]) => `${ns}/web-${name}`);
    const uid = fc.oneof(fc.uuid(), texts);
    const number = fc.oneof(fc.nat().map(String), fc.bigInt({ min: 0n, max: 2n ** 70n }).map(String), texts);
    const many = fc.uniqueArray(fc.tuple(key, uid, number), { selector: ([place]) => place, maxLength: 20 });
    fc.assert(
      fc.property(many, key, number, (list, baseKey, resourceVersion) => {
        const base = { key: baseKey, resourceVersion };
        const sorted = [...list].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(unpackVersions(packVersions(list, base), base)).toEqual(sorted);
      }),
      { numRuns: 300 },
    );
  });

  it("takes few bytes for what many share", () => {
    const base = { key: "ns/", resourceVersion: "900" };
    const list: ObjectVersion[] = [
      ["ns/checkout-7d9c6bf5c4-abcde", UUID, "890"],
      ["ns/checkout-7d9c6bf5c4-fghij", UUID, "899"],
    ];
    expect(JSON.stringify(packVersions(list, base))).toBe(
      '[3,"checkout-7d9c6bf5c4-abcde","D3ocnlsdTFWKjj2bHw58Qg",10,23,"fghij","D3ocnlsdTFWKjj2bHw58Qg",1]',
    );
  });
});

describe("a sealed body", () => {
  const body = ["one", 2, [null, "ü𝒳 \"'\\"]];

  it("is opened as text and as a value", () => {
    expect(open(seal(body))).toEqual(body);
    expect(open(JSON.parse(seal(body)))).toEqual(body);
  });

  it("is opened or refused, and never something else, wherever it is cut or changed", () => {
    const text = seal(body);
    for (let index = 0; index < text.length; index += 1) {
      for (const spoilt of [
        text.slice(0, index),
        text.slice(index + 1),
        `${text.slice(0, index)}0${text.slice(index + 1)}`,
        text.slice(0, index) + text.slice(index + 1),
      ]) {
        if (spoilt === text) continue;
        expect(caught(() => open(spoilt))).toMatchObject({ code: "CHECKPOINT_REFUSED" });
      }
    }
  });
});

describe("a snapshot", () => {
  const secret = canonicalize({ version: "v1", kind: "Secret", namespace: "ns", name: "db" });
  const pods = canonicalize({ version: "v1", kind: "Pod", selector: "app=web" });
  const node = canonicalize({ version: "v1", kind: "Node", name: "n1" }, { namespaced: false });
  const app = canonicalize({
    group: "apps",
    version: "v1",
    kind: "Deployment",
    namespace: "ns",
    name: "web",
  });
  const everything = canonicalize({ version: "v1", kind: "Policy", selector: "" });
  const snapshot: RunSnapshot = {
    served: [
      { ...served("secrets", true), watched: secret.identifier, versions: [["ns/db", UUID, "40"]] },
      { ...served("pods", true), watched: pods.identifier, versions: [] },
      { ...served("nodes", false), watched: node.identifier, versions: [["/n1", UUID, "41"]] },
    ],
    watchers: [
      { watcher: app.identifier, watched: [secret.identifier, pods.identifier] },
      { watcher: everything.identifier, watched: [node.identifier] },
    ],
    due: [
      { watcher: app.identifier, delayMs: 0, attempt: 3 },
      { watcher: everything.identifier, delayMs: 60_000, attempt: 0 },
    ],
  };

  function served(resource: string, namespaced: boolean) {
    return { resource: { group: "", version: "v1", resource, namespaced }, resourceVersion: "50" };
  }

  function throughJson(now: number) {
    const body = encodeBody(snapshot, { takenAt: 1_000_000, cluster: "c1" });
    return decodeBody(JSON.parse(JSON.stringify(body)), { now });
  }

  it("comes back as it was, with the time that has gone by taken off its delays", () => {
    const back = throughJson(1_000_000 + 45_000);
    expect(back).toEqual({
      takenAt: 1_000_000,
      cluster: "c1",
      snapshot: { ...snapshot, due: dueAfter(45_000) },
    });
  });

  it("is due at once when its time is over, and in full when the wall clock went back", () => {
    expect([...throughJson(9_000_000).snapshot.due].map(({ delayMs }) => delayMs)).toEqual([0, 0]);
    expect([...throughJson(5).snapshot.due].map(({ delayMs }) => delayMs)).toEqual([0, 60_000]);
  });

  function dueAfter(ms: number) {
    return Array.from(snapshot.due, (due) => ({ ...due, delayMs: Math.max(0, due.delayMs - ms) }));
  }

  const whole = encodeBody(snapshot, { takenAt: 1, cluster: undefined });
  for (const [what, at, value] of [
    ["a time that is no number", 0, "now"],
    ["a kind too few", 2, whole[2].slice(0, 1)],
    ["a kind without its resource", 2, whole[2].map((kind) => kind.slice(0, 3))],
    ["a watcher of what is not watched", 4, [[[0, "ns", "web"], [9]]]],
    ["a negative place", 4, [[[0, "ns", "web"], [-1]]]],
    ["a watcher of no name", 4, [[[0, "ns", ""], [0]]]],
    ["a selector that is none", 3, [[[0, "ns", "a in (", 1], "50", []]]],
    ["versions that were not packed", 3, [[[0, "ns", "db"], "50", ["a", "b", "c", "d"]]]],
    ["a delay below zero", 5, [[[0, "ns", "db"], -1, 0]]],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const body = whole.map((part, index) => (index === at ? value : part));
      expect(caught(() => decodeBody(body, { now: 0 }))).toMatchObject({
        code: "CHECKPOINT_REFUSED",
        reason: "damaged",
      });
    });
  }

  it("is refused when it is no body at all", () => {
    for (const body of [undefined, null, {}, [], "text", whole.slice(1), [...whole, 1]]) {
      expect(caught(() => decodeBody(body, { now: 0 }))).toMatchObject({ reason: "damaged" });
    }
  });
});
