import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { tellStory } from "../../../examples/rollout_controller/story.ts";
import type { Transport } from "../../../mod.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";

const story = `
> The controller starts. web takes part and names Secret db and ConfigMap app; plain does not take part
    Deployment default/web depends on: + ConfigMap app, + Secret db
    Deployment default/web rolls out with checksum 85b46720 because: Deployment default/web is watched now
    (watched: 4)
> Somebody changes the password in Secret db
    Deployment default/web rolls out with checksum bd8c2eb5 because: Secret default/db MODIFIED: /data/password
    (watched: 4)
> Somebody changes ConfigMap other, which nobody names
    (watched: 4)
> web stops naming ConfigMap app
    Deployment default/web depends on: - ConfigMap app
    Deployment default/web rolls out with checksum deaed272 because: Deployment default/web MODIFIED: /spec/template/spec/volumes
    (watched: 3)
> Somebody changes ConfigMap app, which nobody names any more
    (watched: 3)
> Secret db is deleted: the pods run on, new ones could not start
    Deployment default/web waits for: Secret db
    (watched: 3)
> Secret db is back, with another password
    Deployment default/web rolls out with checksum 1e7a8c3a because: Secret default/db ADDED
    (watched: 3)
> web takes part no longer
    Deployment default/web is left alone from now on
    (watched: 1)
> The controller stops`;

describe("tellStory", () => {
  it("tells what happens and why, always the same", async () => {
    const lines: string[] = [];
    await tellStory(memoryApiServer().transport(), (line) => lines.push(line));
    expect(lines.join("\n")).toBe(story.trim());
  });

  it("rejects instead of waiting for ever when the controller fails", async () => {
    const transport = memoryApiServer().transport();
    const failing: Transport = {
      async request(request) {
        const isRollout = request.method === "PATCH" && String(request.body).includes("checksum");
        if (isRollout) throw new Error("the network is down");
        return transport.request(request);
      },
      close: () => transport.close(),
    };
    await expect(tellStory(failing, () => {})).rejects.toThrow("the network is down");
  });
});
