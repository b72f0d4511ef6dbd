// SPDX-License-Identifier: GPL-3.0-or-later
// Copyright: (c) 2026, saas.offboarding contributors
// scimmy with its Express routers and users in memory: node server.mjs PORT TOKEN
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token] = process.argv.slice(2);
const users = new Map();

SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .ingress((resource, data) => {
    const id = resource.id ?? randomUUID();
    if (resource.id && !users.has(id)) throw new SCIMMY.Types.Error(404, null, `User ${id} not found`);
    const user = { ...JSON.parse(JSON.stringify(data)), id };
    users.set(id, user);
    return user;
  })
  .egress((resource) => {
    if (resource.id) {
      if (!users.has(resource.id)) throw new SCIMMY.Types.Error(404, null, `User ${resource.id} not found`);
      return users.get(resource.id);
    }
    const all = [...users.values()];
    return resource.filter ? resource.filter.match(all) : all;
  })
  .degress((resource) => {
    if (!users.delete(resource.id)) throw new SCIMMY.Types.Error(404, null, `User ${resource.id} not found`);
  });

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
  type: "bearer",
  handler: (request) => {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("Authorization not detected!");
    return "the-tests";
  },
}));
app.listen(Number(port), "127.0.0.1");
