import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { configMap, frame } from "./expected.ts";

const STREAMING_LIST =
  "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
const END = '"annotations":{"k8s.io/initial-events-end":"true"}';
/** Nothing bears it. */
const NOTHING = "labelSelector=no%3Dbody";

export function streamingListCases(open: OpenSession): void {
  describe("a streaming list", () => {
    it("is the state in the order of keys, an end bookmark, and what comes then", async () => {
      const api = await open();
      for (const name of ["b", "a"]) await api.create(api.configMaps, { metadata: { name } });
      const watch = await api.watch(`${api.configMaps}?${STREAMING_LIST}`);
      expect(await watch.take(3)).toEqual([
        frame("ADDED", configMap("a", { uid: 1, version: 1 })),
        frame("ADDED", configMap("b", { uid: 2, version: 2 })),
        `{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"<version>",${END}}}}\n`,
      ]);
      await api.delete(`${api.configMaps}/a`);
      expect(await watch.next()).toBe(frame("DELETED", configMap("a", { uid: 1, version: 3 })));
    });

    it("has an end bookmark at which a watch goes on without a gap", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "a" } });
      const watch = await api.watch(`${api.configMaps}?${STREAMING_LIST}`);
      const [, bookmark = ""] = [await watch.next(), await watch.nextRaw()];
      const { resourceVersion } = JSON.parse(bookmark).object.metadata;
      await api.create(api.configMaps, { metadata: { name: "b" } });
      const later = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${resourceVersion}`);
      expect(await later.next()).toContain('"name":"b"');
    });

    it("is the end bookmark alone where nothing is selected", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "a" } });
      const watch = await api.watch(`${api.configMaps}?${STREAMING_LIST}&${NOTHING}`);
      expect(await watch.next()).toContain('{"type":"BOOKMARK"');
    });

    it("has no end bookmark without allowWatchBookmarks", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "a" } });
      const query = STREAMING_LIST.replace("allowWatchBookmarks=true&", "");
      const watch = await api.watch(`${api.configMaps}?${query}`);
      expect(await watch.next()).toContain('"name":"a"');
      await api.create(api.configMaps, { metadata: { name: "b" } });
      expect(await watch.next()).toContain('"name":"b"');
    });

    it("is what a watch without a resource version is too, if it allows bookmarks", async () => {
      const api = await open();
      for (const query of ["", "&resourceVersion=0"]) {
        const watch = await api.watch(
          `${api.configMaps}?watch=1&allowWatchBookmarks=true&${NOTHING}${query}`,
        );
        expect(await watch.next()).toContain(END);
      }
    });

    it("begins with a state no older than its resource version", async () => {
      const api = await open();
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "a" } });
      const watch = await api.watch(
        `${api.configMaps}?${STREAMING_LIST}&resourceVersion=${metadata.resourceVersion}`,
      );
      expect(await watch.next()).toContain('"name":"a"');
      expect(await watch.next()).toContain(END);
    });

    it("of Events is one too", async () => {
      const api = await open();
      const events = api.path("events");
      await api.create(events, { metadata: { name: "a" }, involvedObject: { namespace: api.namespace } });
      const watch = await api.watch(`${events}?${STREAMING_LIST}`);
      expect(await watch.next()).toContain('"name":"a"');
      expect(await watch.next()).toContain(END);
    });

    it("of a custom kind has its bookmark sorted by key", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w"));
      const watch = await api.watch(`${api.widgets}?${STREAMING_LIST}`);
      expect(await watch.next()).toContain('{"type":"ADDED"');
      expect(await watch.next()).toBe(
        `{"type":"BOOKMARK","object":{"apiVersion":"example.com/v1","kind":"Widget","metadata":{${END},"resourceVersion":"<version>"}}}\n`,
      );
    });
  });

  describe("the end bookmark", () => {
    const cases: readonly [apiVersion: string, kind: string, resource: string, zero?: string][] = [
      ["v1", "ConfigMap", "configmaps"],
      ["v1", "Secret", "secrets"],
      ["v1", "ServiceAccount", "serviceaccounts"],
      ["v1", "Namespace", "namespaces", '"spec":{},"status":{}'],
      ["v1", "Pod", "pods", '"spec":{"containers":null},"status":{}'],
      ["v1", "Service", "services", '"spec":{},"status":{"loadBalancer":{}}'],
      [
        "v1",
        "Node",
        "nodes",
        '"spec":{},"status":{"daemonEndpoints":{"kubeletEndpoint":{"Port":0}},"nodeInfo":{"machineID":"","systemUUID":"","bootID":"","kernelVersion":"","osImage":"","containerRuntimeVersion":"","kubeletVersion":"","kubeProxyVersion":"","operatingSystem":"","architecture":""}}',
      ],
      [
        "v1",
        "Event",
        "events",
        '"involvedObject":{},"source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"reportingComponent":"","reportingInstance":""',
      ],
      [
        "apps/v1",
        "Deployment",
        "deployments",
        '"spec":{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"strategy":{}},"status":{}',
      ],
      [
        "apps/v1",
        "ReplicaSet",
        "replicasets",
        '"spec":{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":null}}},"status":{"replicas":0}',
      ],
      [
        "apps/v1",
        "StatefulSet",
        "statefulsets",
        '"spec":{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"serviceName":"","updateStrategy":{}},"status":{"replicas":0,"availableReplicas":0}',
      ],
      [
        "apps/v1",
        "DaemonSet",
        "daemonsets",
        '"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"updateStrategy":{}},"status":{"currentNumberScheduled":0,"numberMisscheduled":0,"desiredNumberScheduled":0,"numberReady":0}',
      ],
      [
        "batch/v1",
        "Job",
        "jobs",
        '"spec":{"template":{"metadata":{},"spec":{"containers":null}}},"status":{}',
      ],
      [
        "batch/v1",
        "CronJob",
        "cronjobs",
        '"spec":{"schedule":"","jobTemplate":{"metadata":{},"spec":{"template":{"metadata":{},"spec":{"containers":null}}}}},"status":{}',
      ],
      ["coordination.k8s.io/v1", "Lease", "leases", '"spec":{}'],
      ["networking.k8s.io/v1", "Ingress", "ingresses", '"spec":{},"status":{"loadBalancer":{}}'],
      ["networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", '"spec":{"podSelector":{}}'],
      ["rbac.authorization.k8s.io/v1", "Role", "roles", '"rules":null'],
      ["rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", '"rules":null'],
      [
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "rolebindings",
        '"roleRef":{"apiGroup":"","kind":"","name":""}',
      ],
      [
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        '"roleRef":{"apiGroup":"","kind":"","name":""}',
      ],
      [
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        '"spec":{"group":"","names":{"plural":"","kind":""},"scope":"","versions":null},"status":{"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":null}',
      ],
    ];
    for (const [apiVersion, kind, resource, zero] of cases) {
      it(`of a ${kind} drags along what its type has when nobody sets it`, async () => {
        const api = await open();
        const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
        const watch = await api.watch(`${root}/${resource}?${STREAMING_LIST}&${NOTHING}`);
        const end =
          kind === "DaemonSet" ? END.replace("{", '{"deprecated.daemonset.template.generation":"0",') : END;
        const metadata = `"metadata":{"resourceVersion":"<version>",${end}}`;
        expect(await watch.next()).toBe(
          `{"type":"BOOKMARK","object":{"kind":"${kind}","apiVersion":"${apiVersion}",${metadata}${zero === undefined ? "" : `,${zero}`}}}\n`,
        );
      });
    }
  });

  describe("an ordinary bookmark", () => {
    it("comes before the end of a watch, without annotations, when something else was written", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "a" } });
      const version = await api.version(api.configMaps);
      const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=4&${NOTHING}&resourceVersion=${version}`;
      const watch = await api.watch(`${api.configMaps}?${query}`);
      const { metadata } = await api.patch(`${api.configMaps}/a`, { data: { changed: "yes" } });
      const bookmark = await watch.nextRaw();
      expect(bookmark).toMatch(
        /^\{"type":"BOOKMARK","object":\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"resourceVersion":"\d+"\}\}\}\n$/,
      );
      const { resourceVersion } = JSON.parse(bookmark).object.metadata;
      expect(Number(resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion));
    });
  });
}
