import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  ANSWER_NAMES,
  type BodyFault,
  ERROR_FRAME_NAMES,
  type Fault,
  type FaultPlan,
  faults,
  withFaults,
} from "../../../transports/faults.ts";
import { caught } from "../../fixtures/caught.ts";
import { ScriptedTransport } from "../../fixtures/scripted_transport.ts";
import { rejection } from "../../fixtures/transport_contract/observe.ts";

const REQUEST = { method: "GET", path: "/api/v1/pods" };

describe("withFaults refuses", () => {
  const inputs: [what: string, plan: unknown, options: object, field: string, problem: string][] = [
    ["no plan", undefined, {}, "plan", "it must be an object of hooks"],
    [
      "a hook that there is not",
      { wach: () => faults.cut() },
      {},
      "plan.wach",
      "there is no such option; there are get, list, watch, create, update, patch, delete, deletecollection, discovery, other, any",
    ],
    ["a fault in place of a hook", { watch: faults.cut() }, {}, "plan.watch", "it must be a function"],
    ["an option that there is not", {}, { seed: 1 }, "seed", "there is no such option; there are transport,"],
    ["a clock that is none", {}, { clock: Date }, "clock", "it must be an object with now(), setTimeout()"],
    ["a number as random", {}, { random: 0.5 }, "random", "it must be a function"],
  ];
  for (const [what, plan, options, field, problem] of inputs) {
    it(what, () => {
      const error = caught(() => withFaults(new ScriptedTransport(), plan as FaultPlan, options));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect((error as Error).message).toContain(`Cannot wrap a transport with faults: ${field}: ${problem}`);
    });
  }

  it("what is no transport", () => {
    const error = caught(() => withFaults({} as never, {}));
    expect(error).toMatchObject({ code: "INVALID_INPUT", field: "transport" });
  });
});

const answer = faults.answer as (name: string) => Fault;
const misspelt = { afterFrame: 1 } as object;
const unknown: [what: string, said: unknown, field: string, problem: string][] = [
  [
    "an answer that there is not",
    answer("toManyRequests"),
    "list.answer",
    "there is no such name; there are",
  ],
  ["one behind a delay", faults.slow(1, answer("x")), "list.then.answer", "there is no such name; there are"],
  [
    "a fault of no known type",
    { type: "cutt" },
    "list",
    "it must be a fault, at once, and of one of these types: ",
  ],
  ["a name in place of a fault", "cut", "list", "it must be a fault"],
  ["a promise", Promise.resolve(faults.cut()), "list", "it must be a fault, at once"],
  [
    "a delay that is no number",
    faults.slow("1s" as never),
    "list.delayMs",
    "it must be a number of milliseconds",
  ],
  ["a delay that is left out", faults.slow(undefined as never), "list.delayMs", "it must be a number of"],
  ["a status that is no number", faults.status("500" as never), "list.status", "it must be a whole number"],
  [
    "another's transport that is none",
    faults.answeredBy({} as never),
    "list.transport",
    "it must be an object with",
  ],
  [
    "a misspelt position",
    faults.cut(misspelt),
    "list.afterFrame",
    "there is no such option; there are type, afterFrames,",
  ],
  [
    "a position that is negative",
    faults.end({ afterBytes: -1 }),
    "list.afterBytes",
    "it must be a whole number",
  ],
  [
    "an error frame of no known name",
    faults.errorFrame("gone" as never),
    "list.error",
    "there is no such name; there are expired,",
  ],
];

describe("a hook of withFaults that says", () => {
  for (const [what, said, field, problem] of unknown) {
    it(`${what} rejects the request`, async () => {
      const server = new ScriptedTransport();
      const transport = withFaults(server, { list: () => said as Fault });
      const error = await rejection(transport.request(REQUEST));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect(error.message).toContain(`Cannot let a request fail as the plan says: ${field}: ${problem}`);
      expect(server.calls).toEqual([]);
    });
  }

  for (const [name, options] of [
    ["status", [500, { header: {} }]],
    ["bytewise", [{ delay: 1 }]],
    ["silence", [misspelt]],
    ["garbage", [misspelt]],
    ["errorFrame", ["expired", misspelt]],
    ["oversizedFrame", [{ byte: 1 }]],
    ["withoutResourceVersion", [misspelt]],
    ["unknownType", [misspelt]],
    ["replay", [{ shuffle: true }]],
  ] as const) {
    it(`${name} with a misspelt option rejects the request`, async () => {
      const make = faults[name] as (...options: readonly unknown[]) => Fault;
      const transport = withFaults(new ScriptedTransport(), { any: () => make(...options) });
      const error = await rejection(transport.request(REQUEST));
      expect(error.message).toContain("there is no such option; there are type, ");
    });
  }

  const all: Fault[] = [
    ...ANSWER_NAMES.map((name) => faults.slow(0, faults.slow(0, faults.answer(name)))),
    ...ERROR_FRAME_NAMES.map((name) => faults.errorFrame(name)),
    ...[faults.refused(), faults.answerLost(), faults.groupUnavailable(""), faults.groupUnavailable("apps")],
    ...[faults.status(302, { headers: { location: "/" }, body: "moved" }), faults.slow(0, faults.refused())],
    ...[faults.answeredBy(new ScriptedTransport()), faults.unanswered()],
    ...[faults.bytewise(), faults.cut(), faults.end(), faults.silence({ afterBytes: 1 }), faults.garbage()],
    ...[faults.withoutResourceVersion(), faults.unknownType(), faults.oversizedFrame(), faults.replay()],
  ];
  it("any fault that can be made is taken", async () => {
    for (const fault of all) {
      const server = new ScriptedTransport();
      const transport = withFaults(server, { any: () => fault });
      const answered = transport.request(REQUEST).catch((error) => error);
      await transport.close();
      // Those that the server answers wait for it.
      const error = server.calls.length > 0 ? undefined : await answered;
      expect([fault.type, error?.code === "INVALID_INPUT" && error.message]).toEqual([fault.type, false]);
    }
  });
});

describe("breakStreams refuses", () => {
  const refused: [fault: unknown, field: string, problem: string][] = [
    [faults.refused(), "fault", "it must be a fault, at once, and of one of these types: bytewise, cut, end"],
    [faults.cut(misspelt), "fault.afterFrame", "there is no such option"],
  ];
  for (const [fault, field, problem] of refused) {
    it(JSON.stringify(fault), () => {
      const transport = withFaults(new ScriptedTransport(), {});
      const error = caught(() => transport.breakStreams(fault as BodyFault));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect((error as Error).message).toContain(`Cannot break streams: ${field}: ${problem}`);
    });
  }
});
