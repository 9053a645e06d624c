import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  bearerToken,
  renewedTokenCredentials,
  staticTokenCredentials,
} from "../../../runtime/bearer_token.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

const fresh = { rejected: false };
const rejected = { rejected: true };

/** Reads what `state` says at the moment, and counts. */
function tokenFile(token: string) {
  const state: { token: string | undefined; reads: number } = { token, reads: 0 };
  async function read(): Promise<string> {
    state.reads += 1;
    if (state.token === undefined) throw new Error("gone");
    return state.token;
  }
  return { state, read };
}

describe("bearerToken", () => {
  for (const [text, expected] of [
    ["abc", "abc"],
    [" a.b-c_d==\r\n", "a.b-c_d=="],
    ["", undefined],
    [" \n", undefined],
    ["a b", undefined],
    ["a\nb", undefined],
    ["ä", undefined],
    ["a\0b", undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${expected}`, () => {
      expect(bearerToken(text)).toBe(expected);
    });
  }
});

describe("staticTokenCredentials", () => {
  it("gives one token for ever", async () => {
    const credentials = staticTokenCredentials("a");
    expect(await credentials.headers(fresh)).toEqual({ authorization: "Bearer a" });
    expect(await credentials.headers(rejected)).toEqual({ authorization: "Bearer a" });
  });
});

describe("renewedTokenCredentials", () => {
  it("reads once, and again after a minute", async () => {
    const clock = new FakeClock();
    const { state, read } = tokenFile("one");
    const credentials = await renewedTokenCredentials(read, clock);
    state.token = "two";
    await clock.advance(59_999);
    expect(await credentials.headers(fresh)).toEqual({ authorization: "Bearer one" });
    expect(state.reads).toBe(1);
    await clock.advance(1);
    expect(await credentials.headers(fresh)).toEqual({ authorization: "Bearer two" });
    expect(await credentials.headers(fresh)).toEqual({ authorization: "Bearer two" });
    expect(state.reads).toBe(2);
  });

  it("reads again at once when the server has rejected the token", async () => {
    const { state, read } = tokenFile("one");
    const credentials = await renewedTokenCredentials(read, new FakeClock());
    state.token = "two";
    expect(await credentials.headers(rejected)).toEqual({ authorization: "Bearer two" });
  });

  it("keeps the old token when a later read fails, and tries again", async () => {
    const { state, read } = tokenFile("one");
    const credentials = await renewedTokenCredentials(read, new FakeClock());
    state.token = undefined;
    expect(await credentials.headers(rejected)).toEqual({ authorization: "Bearer one" });
    state.token = "two";
    expect(await credentials.headers(rejected)).toEqual({ authorization: "Bearer two" });
  });

  it("reads once for requests that come together", async () => {
    const { state, read } = tokenFile("one");
    const credentials = await renewedTokenCredentials(read, new FakeClock());
    await Promise.all([1, 2, 3].map(() => credentials.headers(rejected)));
    expect(state.reads).toBe(2);
  });

  it("rejects when the first read fails", async () => {
    const { state, read } = tokenFile("");
    state.token = undefined;
    await expect(renewedTokenCredentials(read, new FakeClock())).rejects.toThrow("gone");
  });
});
