import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { Key } from "../../../lib/kubernetes/identifier.ts";
import { WorkQueue } from "../../../lib/reconcile/work_queue.ts";

const a = "a" as Key;
const b = "b" as Key;
const c = "c" as Key;

describe("WorkQueue", () => {
  let ready = 0;
  let queue = new WorkQueue(() => {});
  beforeEach(() => {
    ready = 0;
    queue = new WorkQueue(() => {
      ready += 1;
    });
  });

  function takeAll(): (Key | undefined)[] {
    const taken: (Key | undefined)[] = [];
    while (queue.size > 0) taken.push(queue.take());
    return taken;
  }

  it("holds each key once, first in first out, and says when one begins to wait", () => {
    for (const key of [a, b, a, c, b]) queue.add(key);
    expect(queue.size).toBe(3);
    expect(ready).toBe(3);
    expect(takeAll()).toEqual([a, b, c]);
    expect(queue.take()).toBe(undefined);
  });

  it("hands out a key that was added meanwhile once more, and only when it is done", () => {
    queue.add(a);
    expect(queue.take()).toBe(a);
    queue.add(a);
    queue.add(a);
    expect(queue.size).toBe(0);
    queue.done(a);
    expect(takeAll()).toEqual([a]);
    queue.done(a);
    expect(queue.size).toBe(0);
  });

  it("forgets what is removed, while taken too, and does not make it free", () => {
    for (const key of [a, b, c]) queue.add(key);
    expect(queue.take()).toBe(a);
    queue.add(a);
    queue.remove(a);
    queue.remove(b);
    expect(takeAll()).toEqual([c]);
    queue.add(a);
    expect(queue.size).toBe(0);
    queue.done(a);
    expect(takeAll()).toEqual([a]);
  });

  it("does not hand out again what was removed while it is taken", () => {
    queue.add(a);
    queue.take();
    queue.add(a);
    queue.remove(a);
    queue.done(a);
    expect(queue.size).toBe(0);
  });

  it("puts what was removed and added again at the end", () => {
    for (const key of [a, b]) queue.add(key);
    queue.remove(a);
    queue.add(a);
    expect(takeAll()).toEqual([b, a]);
  });

  it("goes on after it has been empty", () => {
    for (let round = 0; round < 3; round += 1) {
      queue.add(a);
      queue.add(b);
      expect(takeAll()).toEqual([a, b]);
      expect(queue.take()).toBe(undefined);
      queue.done(a);
      queue.done(b);
    }
  });
});
