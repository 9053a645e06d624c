import { setTimeout as delay } from "node:timers/promises";
import { assertThat, type ChaosCase } from "../chaos_case.ts";

const OUTAGE_MS = 20_000;
const CUT_EVERY_MS = 400;
const CUTS = 20;

const cutAgainAndAgain: ChaosCase = {
  name: "connections-cut",
  done: `every connection cut each ${CUT_EVERY_MS} ms, ${CUTS} times`,
  wantsServerAlone: false,
  async strike({ relay }) {
    for (let cuts = 0; cuts < CUTS; cuts += 1) {
      relay.cut();
      await delay(CUT_EVERY_MS);
    }
  },
};

const longOutage: ChaosCase = {
  name: "long-outage",
  done: `no connection for ${OUTAGE_MS / 1_000} s`,
  wantsServerAlone: false,
  async strike({ relay, traffic, watchCount }) {
    const before = traffic.requests;
    await relay.refuse();
    await delay(OUTAGE_MS);
    const tries = (traffic.requests - before) / watchCount;
    assertThat(tries >= 2, "nobody tried to reconnect");
    assertThat(tries <= 8, `no backoff: each stream tried ${tries} times to reconnect`);
    await relay.accept();
  },
};

const stalled: ChaosCase = {
  name: "connection-stalled",
  done: "open connections pass nothing on any more and stay open (half-open); watches of 5 s",
  wantsServerAlone: false,
  async prepare() {
    return { watchTimeoutMs: 5_000 };
  },
  async strike(world) {
    const { relay, watchCount, traffic } = world;
    assertThat(relay.strand() >= watchCount, "there were fewer connections than streams");
    const { givenUp } = traffic.streams;
    world.heal();
    await world.written(100);
    assertThat(traffic.streams.givenUp === givenUp, "the streams did not hang");
  },
  findIdle({ traffic, watchCount }) {
    return traffic.streams.givenUp >= watchCount ? undefined : "not every stream that hung was given up";
  },
};

/** What goes wrong between the client and the server. */
export const connectionCases: readonly ChaosCase[] = [cutAgainAndAgain, longOutage, stalled];
