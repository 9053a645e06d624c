import { ApiError, NoVersionedResourceError } from "../../../mod.ts";
import { until } from "../../fixtures/control_plane.ts";
import { assertThat, type ChaosCase } from "../chaos_case.ts";
import type { ChaosWorld } from "../chaos_world.ts";
import { defineKind, removeKind } from "../custom_kind.ts";
import { type ChaosKind, customKind, kindsOf } from "../population.ts";

const permissionRevoked: ChaosCase = {
  name: "permission-revoked",
  done: "the permission for Secrets revoked, connections cut, granted again, what was blocked added again",
  wantsServerAlone: false,
  async strike(world) {
    const secrets = kindsOf(world.namespace).find(({ kind }) => kind === "Secret") as ChaosKind;
    await world.forbid(secrets);
    world.relay.cut();
    await allBlocked(world, "Secret");
    for (const { error } of world.witness.blocked) {
      assertThat(error instanceof ApiError && error.status === 403, `blocked by ${error.message}`);
    }
    await world.written(30);
    await world.allow(secrets);
    world.heal();
    await world.addBlocked();
  },
};

const kindRecreated: ChaosCase = {
  name: "crd-recreated",
  done: "a CRD deleted, with its objects, and recreated with another schema; what was blocked added again",
  wantsServerAlone: false,
  async strike(world) {
    const { controlPlane, namespace, writer } = world;
    const kind = customKind(namespace);
    writer.replaceKind(kind.resource, undefined);
    await removeKind(controlPlane, { kind, namespace });
    await allBlocked(world, kind.kind);
    for (const { error } of world.witness.blocked) {
      assertThat(error instanceof NoVersionedResourceError, `blocked by ${error.message}`);
    }
    await world.written(30);
    await defineKind(controlPlane, { kind, namespace, size: "integer" });
    writer.replaceKind(kind.resource, { ...kind, body: { spec: { size: 1 } } });
    world.heal();
    await world.addBlocked();
  },
};

/** What goes wrong with what the client may see. */
export const accessCases: readonly ChaosCase[] = [permissionRevoked, kindRecreated];

/** Waits until every watcher of the kind was told, and checks that nobody was told of another one. */
async function allBlocked({ witness }: ChaosWorld, kind: string): Promise<void> {
  const expected = () => [...witness.knowledge()].filter(([, { watched }]) => watched.kind === kind).length;
  await until(() => expected() === 0, { what: `every watcher of ${kind} to be told` });
  const others = witness.blocked.filter(({ watched }) => watched.kind !== kind);
  assertThat(others.length === 0, `${others[0]?.watched.kind} is blocked too`);
}
