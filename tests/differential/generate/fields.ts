import fc from "fast-check";
import type { Kind } from "../kinds.ts";
import { OTHER_BODIES } from "./other_bodies.ts";
import { among, mapOf, seldom, sometimes, weighted } from "./weighted.ts";

type Fields = fc.Arbitrary<Record<string, unknown>>;

const text = weighted<unknown>([20, among("1", "2", "3")], [2, ""], [1, '<b>&\u2028ü\t\\"']);
const wrong = among<unknown>(1, true, null, [], {}, ["x"], { x: 1 }, "x", 1.5);
/** Mostly what it should be. */
const mostly = (value: fc.Arbitrary<unknown>) => weighted<unknown>([25, value], [1, wrong]);

const BASE64 = weighted<unknown>(
  [20, among("MQ==", "Mg==", "")],
  [1, among<unknown>("!", "MQ", "MQ=", " MQ==", "M\nQ==")],
);
const DATA_KEYS = ["a", "b", "c.txt"];
const BAD_KEYS = ["bad key", "..", ".", "..x", "", "x".repeat(254)];

function data(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return weighted<unknown>(
    [30, mapOf(DATA_KEYS, mostly(value))],
    [1, fc.tuple(among(...BAD_KEYS), value).map(([key, one]) => ({ [key]: one }))],
    [1, wrong],
  );
}

const immutable = seldom(8, mostly(fc.boolean()));

const configMap: Fields = sometimes({ data: data(text), binaryData: seldom(3, data(BASE64)), immutable });

const secret: Fields = sometimes({
  data: data(BASE64),
  stringData: seldom(2, data(text)),
  immutable,
  type: seldom(
    2,
    weighted<unknown>(
      [8, among("Opaque", "example.com/t", "")],
      [
        1,
        among(
          "kubernetes.io/tls",
          "kubernetes.io/basic-auth",
          "kubernetes.io/dockerconfigjson",
          "kubernetes.io/service-account-token",
        ),
      ],
    ),
  ),
});

const microTime = weighted<unknown>(
  [20, among("2026-11-22T14:05:15.123456Z", "2026-11-22T14:05:16.000000Z")],
  [
    1,
    among<unknown>(
      "2026-11-22T16:05:15.123456+02:00",
      "2026-11-22T14:05:15Z",
      "2026-11-22T14:05:15.123Z",
      "never",
      "",
    ),
  ],
);

const lease: Fields = sometimes({
  spec: weighted<unknown>(
    [
      20,
      sometimes({
        holderIdentity: mostly(among("me", "you", "")),
        leaseDurationSeconds: weighted<unknown>([9, among(15, 30)], [1, among<unknown>(0, -1, "15", null)]),
        leaseTransitions: weighted<unknown>([9, among(0, 1)], [1, among<unknown>(-1, "1")]),
        acquireTime: microTime,
        renewTime: microTime,
        strategy: seldom(8, among<unknown>("OldestEmulationVersion", "bad strategy")),
        preferredHolder: seldom(8, among<unknown>("you", "")),
        unknown: seldom(20, among<unknown>(1)),
      }),
    ],
    [1, wrong],
  ),
});

/** Any JSON, small. */
const anything: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    among<unknown>("x", "y", 1, 2, true, null, "", 1.5, -3, 0),
    fc.array(tie("value"), { maxLength: 3 }),
    mapOf(["x", "y", "z"], tie("value")),
  ),
})).value;

const widget: Fields = sometimes({
  spec: weighted<unknown>([9, mapOf(["x", "y", "list"], anything)], [1, anything]),
  status: seldom(3, anything),
  more: seldom(3, anything),
});

const goodStatus = sometimes({ ready: fc.boolean(), phase: among("New", "Done") });

const gadget: Fields = fc
  .tuple(
    weighted<unknown>([20, among(1, 2, 9)], [2, among<unknown>(10, -1, "1", 1.5, null, undefined)]),
    sometimes({
      colour: weighted<unknown>([9, among("red", "green")], [1, among<unknown>("blue", 1, null)]),
      note: weighted<unknown>(
        [9, among<unknown>("hello", "", null)],
        [1, among<unknown>("UPPER", "much too long", 1)],
      ),
      parts: weighted<unknown>([9, parts()], [1, wrong]),
      tags: weighted<unknown>(
        [9, fc.uniqueArray(among("s", "t", "u"), { maxLength: 3 })],
        [1, among<unknown>(["s", "s"], [1], "s")],
      ),
      points: weighted<unknown>([9, fc.array(among(1, 2), { maxLength: 3 })], [1, wrong]),
      extra: weighted<unknown>(
        [9, mapOf(["k", "l"], among("1", "2"))],
        [1, among<unknown>({ k: 1 }, { k: null }, [])],
      ),
      whole: weighted<unknown>([9, sometimes({ a: among("1"), b: among("2") })], [1, wrong]),
      port: weighted<unknown>([9, among<unknown>(80, "http")], [1, among<unknown>(1.5, true, null)]),
      unknown: seldom(20, anything),
    }),
    sometimes({ status: seldom(3, goodStatus), unknown: seldom(30, anything) }),
  )
  .map(([size, spec, more]) => ({ spec: { ...(size === undefined ? {} : { size }), ...spec }, ...more }));

function parts(): fc.Arbitrary<unknown> {
  const part = fc
    .tuple(among("p", "q", "r"), seldom(2, among<unknown>(1, 2)))
    .map(([name, count]) => ({ name, ...(count !== undefined && { count }) }));
  return weighted<unknown>(
    [12, fc.uniqueArray(part, { maxLength: 3, selector: ({ name }) => name })],
    [1, fc.array(part, { maxLength: 5 })],
    [1, among<unknown>([{ count: 1 }], [null], ["p"], [{ name: 1 }])],
  );
}

function gadgetStatus(): fc.Arbitrary<unknown> {
  return weighted<unknown>(
    [9, goodStatus],
    [1, among<unknown>({ phase: "Old" }, { ready: "yes" }, { unknown: 1 }, null, [])],
  );
}

const WHOLE_BODIES: Readonly<Record<string, Fields>> = {
  ConfigMap: configMap,
  Secret: secret,
  Lease: lease,
  Widget: widget,
  Gadget: gadget,
};

/** The fields of an object of a kind behind its metadata. */
export function fieldsOf({ kind }: Kind): Fields {
  return WHOLE_BODIES[kind] ?? OTHER_BODIES[kind] ?? fc.constant({});
}

/** A status to be sent to the status subresource. */
export function statusOf({ kind, whole }: Kind): fc.Arbitrary<unknown> {
  return whole && kind === "Gadget" ? gadgetStatus() : fc.constant(undefined);
}
