import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Login } from "../../../../transports/memory/answer.ts";
import {
  authenticate,
  isAnonymous,
  loginName,
  SUPERUSER,
  serviceAccountOf,
  userNamed,
} from "../../../../transports/memory/authentication.ts";

const USERS = [
  { name: "alice", token: "alices" },
  { name: "bob", groups: ["team"] },
  { name: "system:serviceaccount:ns:robot", token: "robots" },
];
const anonymous = { username: "system:anonymous", groups: ["system:unauthenticated"] };
const alice = { username: "alice", groups: ["system:authenticated"] };
const robot = {
  username: "system:serviceaccount:ns:robot",
  groups: ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"],
};

describe("authenticate", () => {
  const known: [login: Login, user: object][] = [
    ["superuser", SUPERUSER],
    [{ name: "alice" }, alice],
    [{ name: "bob" }, { username: "bob", groups: ["team", "system:authenticated"] }],
    [{ name: "system:anonymous" }, anonymous],
    [{ authorization: "Bearer alices" }, alice],
    [{ authorization: "bearer alices and more" }, alice],
    [{ authorization: "Bearer robots" }, robot],
    [{ authorization: null }, anonymous],
    [{ authorization: "" }, anonymous],
    [{ authorization: "Basic YTpi" }, anonymous],
    [{ authorization: "Bearer" }, anonymous],
    [{ authorization: "Bearer  alices" }, anonymous],
  ];
  for (const [login, user] of known) {
    it(`takes ${JSON.stringify(login)} for ${JSON.stringify(user)}`, () => {
      expect(authenticate(login, USERS)).toEqual(user);
    });
  }

  for (const login of [
    { name: "stranger" },
    { authorization: "Bearer bob" },
    { authorization: "Bearer undefined" },
  ]) {
    it(`refuses ${JSON.stringify(login)} with 401`, () => {
      expect(() => authenticate(login, USERS)).toThrow("Unauthorized");
    });
  }

  it("trusts every name, and every header, where there is no list", () => {
    expect(authenticate({ name: "carol" }, undefined)).toEqual({
      username: "carol",
      groups: ["system:authenticated"],
    });
    expect(authenticate({ authorization: "Bearer x" }, undefined)).toBe(SUPERUSER);
    expect(authenticate({ authorization: null }, undefined)).toBe(SUPERUSER);
  });
});

describe("loginName", () => {
  it("is the name that a request is remembered by", () => {
    const names = [
      ...["superuser" as const, { name: "x" }, { authorization: "Bearer alices" }],
      ...[{ authorization: "Bearer wrong" }, { authorization: null }],
    ].map((login) => loginName(login, USERS));
    expect(names).toEqual([undefined, "x", "alice", undefined, "system:anonymous"]);
    expect(loginName({ authorization: "Bearer alices" }, undefined)).toBeUndefined();
  });
});

describe("userNamed", () => {
  it("has each group once, and everybody's with it", () => {
    const { groups } = userNamed("a", { groups: ["b", "system:authenticated", "b"] });
    expect(groups).toEqual(["b", "system:authenticated"]);
    expect(userNamed("a", { uid: "7" })).toEqual({
      username: "a",
      uid: "7",
      groups: ["system:authenticated"],
    });
    expect(isAnonymous(userNamed("system:anonymous"))).toBe(true);
  });
});

describe("serviceAccountOf", () => {
  for (const name of [
    "robot",
    "system:serviceaccount:ns",
    "system:serviceaccount::x",
    "x:system:serviceaccount:a:b",
  ]) {
    it(`is none for ${name}`, () => {
      expect(serviceAccountOf(name)).toBeUndefined();
    });
  }
});
