import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { renewedCertificateLogin } from "../../../runtime/client_certificate.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

const fresh = { rejected: false };

async function scene() {
  const clock = new FakeClock();
  const state = { cert: "c1", key: "k1", broken: false };
  const login = await renewedCertificateLogin(async () => {
    if (state.broken) throw new Error("half written");
    return { cert: state.cert, key: state.key };
  }, clock);
  const ask = async (options: { rejected: boolean }) => {
    expect(await login.credentials?.headers(options)).toEqual({});
    return login.clientCertificate?.();
  };
  return { clock, state, ask };
}

describe("renewedCertificateLogin", () => {
  it("gives the same object while the files hold the same", async () => {
    const { clock, ask } = await scene();
    const first = await ask(fresh);
    expect(first).toEqual({ cert: "c1", key: "k1" });
    await clock.advance(60_000);
    expect(await ask(fresh)).toBe(first);
  });

  for (const change of [{ cert: "c2" }, { key: "k2" }]) {
    it(`gives another one once they hold another ${Object.keys(change)}, a minute later`, async () => {
      const { clock, state, ask } = await scene();
      const first = await ask(fresh);
      Object.assign(state, change);
      await clock.advance(59_999);
      expect(await ask(fresh)).toBe(first);
      await clock.advance(1);
      expect(await ask(fresh)).toEqual({ cert: "c1", key: "k1", ...change });
    });
  }

  it("reads again at once when it was rejected", async () => {
    const { state, ask } = await scene();
    Object.assign(state, { cert: "c2", key: "k2" });
    expect(await ask({ rejected: true })).toEqual({ cert: "c2", key: "k2" });
  });

  it("keeps the old one while the files cannot be used", async () => {
    const { clock, state, ask } = await scene();
    const first = await ask(fresh);
    Object.assign(state, { cert: "c2", key: "k2", broken: true });
    await clock.advance(60_000);
    expect(await ask(fresh)).toBe(first);
    state.broken = false;
    expect(await ask(fresh)).toEqual({ cert: "c2", key: "k2" });
  });
});
