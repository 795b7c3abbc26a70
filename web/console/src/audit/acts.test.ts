import { expect, it } from "vitest";
import { actKind, actName, actorOf, subjectsOf } from "./acts.ts";

it("a line says who, what and whom", () => {
  expect(actName("GET /api/v1/customers/{id}")).toBe("person");
  expect(actName("POST /api/v1/new")).toBe(null);
  expect(["GET /x", "PATCH /x", "DELETE /x", "what_do_we_know"].map(actKind)).toEqual(["looked", "changed", "removed", "looked"]);
  expect(actorOf("operator")).toEqual({ kind: "operator", id: "" });
  expect(actorOf("teammate:tm_1")).toEqual({ kind: "teammate", id: "tm_1" });
  expect(actorOf("somebody")).toEqual({ kind: "other", id: "somebody" });
  expect(subjectsOf(["cus_1", "tok_2"])).toEqual({ people: ["cus_1"], conversations: [], others: ["tok_2"] });
});
