import type { ObjectIdentifier } from "../../mod.ts";
import type { ApiBody, ControlPlane } from "../fixtures/control_plane.ts";
import { kindsOf, pathOf } from "./population.ts";
import type { Versions, Witness } from "./witness.ts";

/** What the server has at one moment, to be asked while nobody writes. */
export class Truth {
  readonly #items: ReadonlyMap<string, readonly ApiBody[]>;
  /** The resource version of each object by its path. */
  readonly versions: ReadonlyMap<string, string>;

  private constructor(lists: readonly { kind: string; path: string; items: readonly ApiBody[] }[]) {
    this.#items = new Map(lists.map(({ kind, items }) => [kind, items]));
    this.versions = new Map(
      lists.flatMap(({ path, items }) =>
        items.map(({ metadata }) => [`${path}/${metadata.name}`, metadata.resourceVersion] as const),
      ),
    );
  }

  /** Asks the server, not the library under test, for all objects. */
  static async ask(controlPlane: ControlPlane, namespace: string): Promise<Truth> {
    const lists = kindsOf(namespace).map(async (kind) => {
      const path = pathOf(kind, namespace);
      const answer = await controlPlane.request("GET", `${path}?labelSelector=chaos%3D${namespace}`);
      if (answer.status !== 200 && answer.status !== 404)
        throw new Error(`Cannot list ${path}: ${answer.text}`);
      return { kind: kind.kind, path, items: answer.status === 200 ? answer.json.items : [] };
    });
    return new Truth(await Promise.all(lists));
  }

  /** The objects of an identifier. */
  of({ kind, name, selector }: ObjectIdentifier): Versions {
    const group = selector?.replace(/.*group=/, "");
    const items = (this.#items.get(kind) ?? []).filter(({ metadata }) =>
      name === undefined ? metadata.labels?.group === group : metadata.name === name,
    );
    return new Map(items.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
  }

  /** Where a watcher, or the cache, knows anything else than the server. Empty: nothing is lost. */
  differences(witness: Witness): string[] {
    return [...witness.knowledge()].flatMap(([watcher, { watched, seen, told }]) => {
      const truth = this.of(watched);
      const what = `${watched.kind} ${watched.name ?? `?${watched.selector}`}`;
      return [
        ...compare(truth, witness.cached(watched)).map((problem) => `the cache, ${what}: ${problem}`),
        ...compare(truth, seen).map((problem) => `${watcher} saw last, ${what}: ${problem}`),
        ...compare(truth, told).map((problem) => `${watcher} was told, ${what}: ${problem}`),
      ];
    });
  }
}

function compare(truth: Versions, known: Versions | undefined): string[] {
  if (known === undefined) return ["no entry"];
  const missed = [...truth].filter(([uid, version]) => known.get(uid) !== version);
  const kept = [...known].filter(([uid]) => !truth.has(uid));
  return [
    ...missed.map(([uid, version]) => `${uid} is at ${version}, known is ${known.get(uid) ?? "nothing"}`),
    ...kept.map(([uid, version]) => `${uid} is gone, known is ${version}`),
  ];
}
