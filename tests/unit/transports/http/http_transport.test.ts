import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { type HttpClient, HttpTransport } from "../../../../transports/http/http_transport.ts";
import { rejection } from "../../../fixtures/transport_contract/observe.ts";

describe("HttpTransport.close", () => {
  it("closes the client also where the credentials cannot be closed", async () => {
    let closed = false;
    const client: HttpClient = {
      defaultHeaders: () => ({}),
      send: () => new Promise(() => {}),
      async close() {
        closed = true;
      },
    };
    const failure = new Error("no");
    const credentials = {
      headers: async () => ({}),
      close() {
        throw failure;
      },
    };
    const transport = new HttpTransport({ baseUrl: "https://10.0.0.1", credentials }, client);
    expect(await rejection(transport.close())).toBe(failure);
    expect(closed).toBe(true);
  });
});
