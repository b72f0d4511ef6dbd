// SPDX-License-Identifier: GPL-3.0-or-later
// Copyright: (c) 2026, saas.offboarding contributors
// The directory sync of Polis, with its own route as an HTTP server: node server.mjs PORT TOKEN
import http from "node:http";
import jackson from "@boxyhq/saml-jackson";

const [port, token] = process.argv.slice(2);
const base = `http://127.0.0.1:${port}`;
const { directorySyncController } = await jackson.controllers({
  externalUrl: base,
  samlPath: "/saml",
  scimPath: "/scim/v2",
  noAnalytics: true,
  db: { engine: "mem" },
});
const { data: directory, error } = await directorySyncController.directories.create({
  tenant: "peers", product: "tests", type: "generic-scim-v2", name: "peers",
});
if (error) throw new Error(error.message);

http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url, base);
  const [path, resourceId] = url.pathname.replace(/^\/scim\/v2\//, "").split("/");
  const answer = (status, data) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(data ?? {}));
  };
  if (!url.pathname.startsWith("/scim/v2/") || path !== "Users") return answer(404, { error: "not found" });
  const number = (name) => (url.searchParams.has(name) ? parseInt(url.searchParams.get(name)) : undefined);
  const given = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  try {
    const { status, data } = await directorySyncController.requests.handle({
      method: request.method,
      directoryId: directory.id,
      resourceId,
      resourceType: "users",
      body: chunks.length ? JSON.parse(Buffer.concat(chunks)) : undefined,
      // The tests' token stands for the directory's own, which has the same length nowhere.
      apiSecret: given === token ? directory.scim.secret : "x".repeat(directory.scim.secret.length),
      query: {
        count: number("count"),
        startIndex: number("startIndex"),
        filter: url.searchParams.get("filter") ?? undefined,
      },
    });
    answer(status, data);
  } catch (problem) {
    answer(500, { error: { message: String(problem) } });
  }
}).listen(Number(port), "127.0.0.1");
