import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import { Reconciler } from "../../../lib/reconcile/reconciler.ts";
import { type RequestEvent, WatcherSource } from "../../../lib/reconcile/watcher_source.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { watcher } from "./harness.ts";

const a = watcher("a");
const b = watcher("b");
const c = watcher("c");

type Iterator = ReturnType<WatcherSource[typeof Symbol.asyncIterator]>;

async function takeNames(iterator: Iterator, count: number): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for (let n = 0; n < count; n += 1) names.push((await iterator.next()).value?.name);
  return names;
}

describe("WatcherSource", () => {
  it("hands on what a Reconciler hands out, as events and to iterators", async () => {
    const source = new WatcherSource();
    const reconciler = new Reconciler(source.reconcile);
    const heard: (string | undefined)[] = [];
    source.addEventListener("request", (event) => heard.push(event.watcher.name));
    const iterator = source[Symbol.asyncIterator]();
    reconciler.run();
    reconciler.trigger([a, b]);
    expect(await takeNames(iterator, 2)).toEqual(["a", "b"]);
    await settle();
    expect(heard).toEqual(["a", "b"]);
    await reconciler.stop();
  });

  it("hands out frozen canonical watchers and refuses what is none", async () => {
    const source = new WatcherSource();
    source.reconcile({ group: "", ...a });
    const { value } = await source[Symbol.asyncIterator]().next();
    expect(value).toEqual(a);
    expect(Object.isFrozen(value)).toBe(true);
    expect(() => source.reconcile({ version: "v1", kind: "" })).toThrow(InvalidInputError);
  });
});

describe("WatcherSource iterators", () => {
  it("get each watcher once until it is taken, in order", async () => {
    const source = new WatcherSource();
    for (const id of [a, b, a, c, { ...b }]) source.reconcile(id);
    const iterator = source[Symbol.asyncIterator]();
    expect(await takeNames(iterator, 2)).toEqual(["a", "b"]);
    source.reconcile(c);
    source.reconcile(a);
    expect(await takeNames(iterator, 2)).toEqual(["c", "a"]);
  });

  it("wait for what comes, the first to wait being the first to get", async () => {
    const source = new WatcherSource();
    const iterator = source[Symbol.asyncIterator]();
    const waiting = [takeNames(iterator, 1), takeNames(iterator, 1)];
    source.reconcile(a);
    source.reconcile(a);
    expect(await Promise.all(waiting)).toEqual([["a"], ["a"]]);
  });

  it("share the work", async () => {
    const source = new WatcherSource();
    const taken: string[] = [];
    async function work(name: string): Promise<void> {
      for await (const { name: id } of source) taken.push(`${name}${id}`);
    }
    const workers = [work("1"), work("2")];
    await settle();
    for (const id of [a, b, c]) source.reconcile(id);
    await settle();
    source.close();
    await Promise.all(workers);
    expect(taken.toSorted()).toEqual(["1a", "1c", "2b"]);
  });

  it("keep what waits when one of them goes, and give it to the next", async () => {
    const source = new WatcherSource();
    for (const id of [a, b]) source.reconcile(id);
    for await (const { name } of source) {
      expect(name).toBe("a");
      break;
    }
    source.reconcile(c);
    expect(await takeNames(source[Symbol.asyncIterator](), 2)).toEqual(["b", "c"]);
  });

  it("end with return(), a waiting next() too, and take nothing then", async () => {
    const source = new WatcherSource();
    const [one, two] = [source[Symbol.asyncIterator](), source[Symbol.asyncIterator]()];
    const waiting = [one.next(), two.next()];
    expect(await one.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting[0]).toEqual({ done: true, value: undefined });
    source.reconcile(a);
    expect((await waiting[1])?.value).toEqual(a);
    source.reconcile(b);
    expect(await one.next()).toEqual({ done: true, value: undefined });
    expect((await two.next()).value).toEqual(b);
  });

  it("take twenty thousand watchers in order", async () => {
    const source = new WatcherSource();
    const count = 20_000;
    for (let n = 0; n < count; n += 1) source.reconcile(watcher(`w${n}`));
    const names = await takeNames(source[Symbol.asyncIterator](), count);
    expect(names.every((name, n) => name === `w${n}`)).toBe(true);
  });
});

describe("WatcherSource.close", () => {
  it("ends iterators, waiting and new, and drops what waits and what comes", async () => {
    const source = new WatcherSource();
    const heard: unknown[] = [];
    source.reconcile(a);
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = [iterator.next(), source[Symbol.asyncIterator]().next()];
    source.close();
    source.close();
    source.addEventListener("request", (event) => heard.push(event));
    source.reconcile(b);
    await settle();
    for (const next of [...waiting, iterator.next(), source[Symbol.asyncIterator]().next()]) {
      expect(await next).toEqual({ done: true, value: undefined });
    }
    expect(heard).toEqual([]);
  });

  it("drops what no iterator has taken", async () => {
    const source = new WatcherSource();
    const iterator = source[Symbol.asyncIterator]();
    source.reconcile(a);
    source.close();
    expect((await iterator.next()).done).toBe(true);
  });

  it("drops what no listener has heard", async () => {
    const source = new WatcherSource();
    const heard: unknown[] = [];
    source.reconcile(a);
    source.close();
    source.addEventListener("request", (event) => heard.push(event));
    await settle();
    expect(heard).toEqual([]);
  });
});

describe("WatcherSource events", () => {
  it("go to each listener for each request", async () => {
    const source = new WatcherSource();
    const heard: string[] = [];
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`1${name}`));
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`2${name}`));
    for (const id of [a, b, a]) source.reconcile(id);
    await settle();
    expect(heard).toEqual(["1a", "2a", "1b", "2b", "1a", "2a"]);
  });

  it("tell the first listener what came before, each watcher once, and nobody again", async () => {
    const source = new WatcherSource();
    const heard: string[] = [];
    for (const id of [a, b, a]) source.reconcile(id);
    await settle();
    source.addEventListener("other", () => heard.push("other"));
    await settle();
    expect(heard).toEqual([]);
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`1${name}`));
    await settle();
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`2${name}`));
    await settle();
    expect(heard).toEqual(["1a", "1b"]);
  });

  it("leave nothing for an iterator that comes later, but do not take from one that is there", async () => {
    const source = new WatcherSource();
    source.addEventListener("request", () => {});
    source.reconcile(a);
    await settle();
    const iterator = source[Symbol.asyncIterator]();
    for (const id of [b, b]) source.reconcile(id);
    await settle();
    source.reconcile(c);
    expect(await takeNames(iterator, 2)).toEqual(["b", "c"]);
  });

  it("do not take over what waits for an iterator", async () => {
    const source = new WatcherSource();
    const heard: unknown[] = [];
    const iterator = source[Symbol.asyncIterator]();
    source.reconcile(a);
    await settle();
    source.addEventListener("request", (event) => heard.push(event));
    await settle();
    expect(heard).toEqual([]);
    expect(await takeNames(iterator, 1)).toEqual(["a"]);
  });

  it("take the requests over once the last iterator has gone", async () => {
    const source = new WatcherSource();
    const [one, two] = [source[Symbol.asyncIterator](), source[Symbol.asyncIterator]()];
    const heard: string[] = [];
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`${name}`));
    await one.return?.();
    await one.return?.();
    source.reconcile(a);
    await settle();
    expect(await takeNames(two, 1)).toEqual(["a"]);
    await two.return?.();
    source.reconcile(b);
    await settle();
    const next = takeNames(source[Symbol.asyncIterator](), 1);
    source.reconcile(c);
    expect(await next).toEqual(["c"]);
    await settle();
    expect(heard).toEqual(["a", "b", "c"]);
  });

  it("are not told again to who comes while they are on their way", async () => {
    const source = new WatcherSource();
    const heard: string[] = [];
    source.reconcile(a);
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`1${name}`));
    source.reconcile(b);
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`2${name}`));
    source.addEventListener("other", () => {});
    await settle();
    expect(heard.toSorted()).toEqual(["1a", "1b", "2a", "2b"]);
  });

  it("reach a listener that comes again for each, once each", async () => {
    const source = new WatcherSource();
    const heard: string[] = [];
    function listen(): void {
      const listener = ({ watcher }: RequestEvent) => {
        heard.push(`${watcher.name}`);
        listen();
      };
      source.addEventListener("request", listener, { once: true });
    }
    listen();
    for (const id of [a, b, c]) source.reconcile(id);
    await settle();
    expect(heard).toEqual(["a", "b", "c"]);
  });

  it("are not told again when they were heard and left by an iterator that has gone", async () => {
    const source = new WatcherSource();
    const heard: string[] = [];
    const iterator = source[Symbol.asyncIterator]();
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`1${name}`));
    source.reconcile(a);
    await settle();
    await iterator.return?.();
    source.addEventListener("request", ({ watcher: { name } }) => heard.push(`2${name}`));
    await settle();
    expect(heard).toEqual(["1a"]);
    expect(await takeNames(source[Symbol.asyncIterator](), 1)).toEqual(["a"]);
  });

  it("whose listener throws go to the logger", async () => {
    const logged: unknown[][] = [];
    const log = (...line: unknown[]) => logged.push(line);
    const source = new WatcherSource({ logger: { warn: log, error: log } });
    const boom = new Error("boom");
    source.addEventListener("request", () => {
      throw boom;
    });
    source.reconcile(a);
    await settle();
    expect(logged.map((line) => line[1])).toEqual([boom]);
  });
});
