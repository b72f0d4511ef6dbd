// SPDX-License-Identifier: GPL-3.0-or-later
// Copyright: (c) 2026, saas.offboarding contributors
// better-auth with its SCIM plugin and a database in memory: node server.mjs PORT TOKEN
import http from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { getAuthTables } from "better-auth/db";
import { scim } from "@better-auth/scim";

const [port, token] = process.argv.slice(2);
const options = {
  baseURL: `http://127.0.0.1:${port}`,
  basePath: "/api/auth",
  secret: "of a test, which is long enough for the library",
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  plugins: [scim({ connections: [{ id: "peers", credentials: [{ type: "bearer", id: "tests", token }] }] })],
};
const tables = getAuthTables(options);
const memory = Object.fromEntries(Object.entries(tables).flatMap(([key, table]) => [[key, []], [table.modelName, []]]));
const auth = betterAuth({ ...options, database: memoryAdapter(memory) });
http.createServer(toNodeHandler(auth)).listen(Number(port), "127.0.0.1");
