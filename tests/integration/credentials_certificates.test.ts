import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { credentialsWorld, whoAmI } from "../fixtures/credentials_world.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { FakeClock } from "../fixtures/fake_clock.ts";
import { decode } from "../fixtures/transport_contract/observe.ts";

describeReal("client certificates on the API server", () => {
  const world = credentialsWorld();

  async function writePair(commonName: string): Promise<void> {
    const { cert, key } = await world.controlPlane.clientCertificate({
      commonName,
      organizations: ["system:masters"],
    });
    await Promise.all([world.write("tls.crt", cert), world.write("tls.key", key)]);
  }

  const files = () => ({
    "client-certificate": world.file("tls.crt"),
    "client-key": world.file("tls.key"),
  });

  it("that were renewed on disk log in after a minute; an open stream goes on", async () => {
    const clock = new FakeClock();
    await writePair("carol");
    const transport = await world.connect({ user: files(), host: { clock } });
    const namespace = await world.controlPlane.createNamespace();
    const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
    const stream = await transport.request({
      method: "GET",
      path: `${configMaps}?watch=true&fieldSelector=metadata.name%3Dseen`,
      stream: true,
    });
    expect(await whoAmI(transport)).toMatchObject({ username: "carol" });

    await writePair("dave");
    await clock.advance(59_999);
    expect(await whoAmI(transport)).toMatchObject({ username: "carol" });
    await clock.advance(1);
    expect(await whoAmI(transport)).toMatchObject({ username: "dave" });
    expect(await whoAmI(transport)).toMatchObject({ username: "dave" });

    await world.controlPlane.call("POST", configMaps, { body: { metadata: { name: "seen" } } });
    const { value } = await stream.body[Symbol.asyncIterator]().next();
    expect(JSON.parse(decode(value))).toMatchObject({
      type: "ADDED",
      object: { metadata: { name: "seen" } },
    });
  });

  it("that are half written leave the old one in use, until the files fit", async () => {
    const clock = new FakeClock();
    await writePair("carol");
    const transport = await world.connect({ user: files(), host: { clock } });
    expect(await whoAmI(transport)).toMatchObject({ username: "carol" });
    const { cert, key } = await world.controlPlane.clientCertificate({ commonName: "dave" });
    await world.write("tls.crt", cert);
    await clock.advance(60_000);
    expect(await whoAmI(transport)).toMatchObject({ username: "carol" });
    await world.write("tls.key", key);
    expect(await whoAmI(transport)).toMatchObject({ username: "dave" });
  });

  it("that the API server does not know are read again at once", async () => {
    await world.write("tls.crt", "");
    const { certificateAuthority } = await import("../fixtures/certificates.ts");
    const stranger = await (await certificateAuthority("stranger")).client({ commonName: "carol" });
    await Promise.all([world.write("tls.crt", stranger.cert), world.write("tls.key", stranger.key)]);
    const transport = await world.connect({ user: files() });
    expect(await whoAmI(transport)).toBe(401);
    await writePair("carol");
    expect(await whoAmI(transport)).toMatchObject({ username: "carol" });
  });
});
