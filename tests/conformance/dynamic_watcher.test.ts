import { describeOnEachServer } from "../fixtures/api_server_under_test.ts";
import { edgeCases } from "./dynamic_watcher/edges.ts";
import { kindCases } from "./dynamic_watcher/kinds.ts";
import { queryCases } from "./dynamic_watcher/queries.ts";
import { worlds } from "./dynamic_watcher/world.ts";
import { sessions } from "./session.ts";

describeOnEachServer("a DynamicWatcher", (server) => {
  const open = worlds(sessions(server));
  edgeCases(open);
  queryCases(open);
  kindCases(open);
});
