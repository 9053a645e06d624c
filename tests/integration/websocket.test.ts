import { expect } from "@std/expect";
import { afterAll, afterEach, beforeAll, it } from "@std/testing/bdd";
import { Agent, WebSocket } from "undici";
import { DynamicWatcher, type ObjectIdentifier } from "../../mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { websocketTransport } from "../../transports/websocket.ts";
import { type ControlPlane, startControlPlane, until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { startTcpRelay, type TcpRelay } from "../fixtures/tcp_relay.ts";
import { rejection } from "../fixtures/transport_contract/observe.ts";

const WATCH = { verbs: ["get", "list", "watch"], resources: ["configmaps"] };

/** The sockets that were made, and of these those that are not closed. */
class CountedSocket extends WebSocket {
  static readonly urls: string[] = [];
  static readonly open = new Set<CountedSocket>();

  constructor(url: string, options: ConstructorParameters<typeof WebSocket>[1]) {
    super(url, options);
    CountedSocket.urls.push(url);
    this.addEventListener("open", () => CountedSocket.open.add(this));
    this.addEventListener("close", () => CountedSocket.open.delete(this));
  }
}

for (const apiServerFlags of [[], ["--feature-gates=WatchList=false"]]) {
  const how = apiServerFlags.length === 0 ? "by streaming lists" : "by lists";

  describeReal(`a DynamicWatcher over WebSockets, ${how}`, () => {
    let controlPlane: ControlPlane;
    let relay: TcpRelay;
    const endings: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      controlPlane = await startControlPlane({ apiServerFlags, users: [{ name: "alice" }, { name: "bob" }] });
      relay = await startTcpRelay(controlPlane.server);
    });
    afterEach(async () => {
      for (const end of endings.splice(0)) await end();
    });
    afterAll(async () => {
      await relay?.refuse();
      await controlPlane?.stop();
    });

    /** A started DynamicWatcher as that user, by default as the admin by certificate, with what it is told. */
    async function open(user?: string): Promise<{ watcher: DynamicWatcher; told: string[] }> {
      const { ca, admin } = controlPlane;
      const headers = user === undefined ? {} : { authorization: `Bearer ${controlPlane.token(user)}` };
      const pair = user === undefined ? admin : {};
      const dispatcher = new Agent({ connect: { ca, ...pair } });
      const transport = websocketTransport({
        base: undiciTransport({ baseUrl: relay.url, tls: { ca, ...pair }, headers }),
        WebSocket: CountedSocket,
        socketOptions: { dispatcher },
      });
      const told: string[] = [];
      const watcher = new DynamicWatcher({
        transport,
        cache: true,
        logger: false,
        reconcile: (_, { causes }) => {
          for (const cause of causes) told.push(cause.type);
        },
      });
      endings.push(async () => {
        await watcher.stop();
        await until(() => CountedSocket.open.size === 0, { what: "all sockets to close" });
        await transport.close();
        await dispatcher.destroy();
      });
      await watcher.start();
      return { watcher, told };
    }

    async function configMap(): Promise<ObjectIdentifier & { name: string; path: string }> {
      const namespace = await controlPlane.createNamespace();
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      await controlPlane.call("POST", path, { body: { metadata: { name: "a" }, data: { text: "ä€" } } });
      return { version: "v1", kind: "ConfigMap", namespace, name: "a", path: `${path}/a` };
    }

    const saw = (told: string[], type: string) =>
      until(() => told.includes(type), { what: `a cause ${type}, beside ${told.join()}` });

    for (const user of [undefined, "alice"]) {
      it(`tells what changes, through a cut and a restart, to ${user ?? "the admin"}`, async () => {
        if (user) await controlPlane.grant(user, WATCH);
        const { watcher, told } = await open(user);
        const { path, ...watched } = await configMap();
        const before = CountedSocket.urls.length;
        await watcher.addWatcher({ version: "v1", kind: "Namespace", name: "any" }, watched);
        await saw(told, "INITIAL");
        expect(watcher.getFromCache(watched)).toMatchObject({ data: { text: "ä€" } });
        expect(CountedSocket.urls.length).toBeGreaterThan(before);
        expect([watcher.streamCount, CountedSocket.open.size]).toEqual([1, 1]);

        await controlPlane.call("PATCH", path, { body: { data: { text: "x".repeat(300_000) } } });
        await saw(told, "MODIFIED");
        const made = CountedSocket.urls.length;
        relay.cut();
        await until(() => CountedSocket.urls.length > made, { what: "another socket" });
        await controlPlane.call("DELETE", path);
        await saw(told, "DELETED");
        expect(watcher.getFromCache(watched)).toBe(undefined);

        // From now on the last resource version is too old.
        await controlPlane.stopApiServer();
        await controlPlane.startApiServer();
        await controlPlane.call("POST", path.slice(0, -2), { body: { metadata: { name: "a" } } });
        await saw(told, "ADDED");
        expect(told.filter((type) => type !== "MODIFIED")).toEqual(["INITIAL", "DELETED", "ADDED"]);
      });
    }

    it("says what a refused handshake hides", async () => {
      const { path: _, ...watched } = await configMap();
      const { watcher } = await open("bob");
      const any = { version: "v1", kind: "Namespace", name: "any" };
      expect(await rejection(watcher.addWatcher(any, watched))).toMatchObject({
        code: "API_ERROR",
        status: 403,
        watched,
      });
    });

    it("is blocked by a permission that goes, once the socket has ended", async () => {
      const { path: _, ...watched } = await configMap();
      const grant = await controlPlane.grant("bob", WATCH);
      const { watcher, told } = await open("bob");
      await watcher.addWatcher({ version: "v1", kind: "Namespace", name: "any" }, watched);
      await controlPlane.revoke(grant);
      relay.cut();
      await saw(told, "BLOCKED");
      expect(watcher.watchCount).toBe(0);
    });
  });
}
